import type {
  Container,
  EphemeralContainer,
  ObjectFieldSelector,
  Pod,
  ResourceFieldSelector,
} from "../api/generated/kubernetes";
import { divideQuantity } from "./quantities";

/** What a pod may learn of itself beside its own object. */
export interface DownwardFacts {
  readonly pod: Pod;
  readonly podIP: string | undefined;
  readonly hostIP: string;
  /** The node's allocatable, which stands in for a limit that is not set. */
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The text behind a `fieldRef`. https://kubernetes.io/docs/concepts/workloads/pods/downward-api/ */
export function fieldValue(facts: DownwardFacts, { fieldPath }: ObjectFieldSelector): string {
  const { pod } = facts;
  const meta = pod.metadata ?? {};
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return (subscript[1] === "labels" ? meta.labels : meta.annotations)?.[subscript[2] ?? ""] ?? "";
  switch (fieldPath) {
    case "metadata.name":
      return meta.name ?? "";
    case "metadata.namespace":
      return meta.namespace ?? "";
    case "metadata.uid":
      return meta.uid ?? "";
    case "metadata.labels":
      return formatMap(meta.labels);
    case "metadata.annotations":
      return formatMap(meta.annotations);
    case "spec.nodeName":
      return pod.spec?.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec?.serviceAccountName ?? "";
    case "status.hostIP":
    case "status.hostIPs":
      return facts.hostIP;
    case "status.podIP":
    case "status.podIPs":
      return facts.podIP ?? "";
    default:
      return "";
  }
}

/** The text behind a `resourceFieldRef`; `own` is the container it speaks of when it names none. */
export function resourceValue(
  facts: DownwardFacts,
  selector: ResourceFieldSelector,
  own?: Container | EphemeralContainer,
): string {
  const containers = [...(facts.pod.spec?.containers ?? []), ...(facts.pod.spec?.initContainers ?? [])];
  const container = selector.containerName ? containers.find(({ name }) => name === selector.containerName) : own;
  const [kind, name = ""] = splitFirst(selector.resource);
  const { limits, requests } = container?.resources ?? {};
  const amount = kind === "limits" ? (limits?.[name] ?? facts.allocatable[name]) : requests?.[name];
  return divideQuantity(amount ?? "0", selector.divisor ?? "0");
}

function splitFirst(text: string): [string, string | undefined] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}

/** `key="value"` lines, sorted, as the downward API writes maps. */
function formatMap(map: Record<string, string> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}
