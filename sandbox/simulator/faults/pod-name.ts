import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { Informer } from "../client/informer";
import { FaultError } from "./fault";

/** Pods by `namespace/name` or `namespace/label=value`. */
export function podsNamed(text: string, pods: Pick<Informer<Pod>, "list" | "get">): Stored<Pod>[] {
  const [namespace, rest] = split(text);
  const [label, value] = rest.split("=", 2);
  if (value === undefined) {
    const pod = pods.get(namespace, rest);
    return pod ? [pod] : [];
  }
  return pods.list(namespace).filter(({ metadata }) => metadata.labels?.[label ?? ""] === value);
}

/** Whether a pod as the network knows it is among those that `text` names. */
export function isNamed(
  text: string,
  { name, labels }: { readonly name: string; readonly labels?: Readonly<Record<string, string>> },
): boolean {
  const [namespace, rest] = split(text);
  const [label = "", value] = rest.split("=", 2);
  if (value === undefined) return name === `${namespace}/${rest}`;
  return name.startsWith(`${namespace}/`) && labels?.[label] === value;
}

// A label's name may have a slash of its own.
function split(text: string): [string, string] {
  const slash = text.indexOf("/");
  if (slash <= 0 || slash === text.length - 1) {
    throw new FaultError(`${JSON.stringify(text)} names no pods: write namespace/name or namespace/label=value`);
  }
  return [text.slice(0, slash), text.slice(slash + 1)];
}
