import { parseQuantity, wholeValue } from "../api/quantity";
import { FaultError, type Fault } from "./fault";

/** What `slipway sim --fault` takes: the kind, then its parts, `node-not-ready,node=kind-worker`. Throws `FaultError`. */
export function parseFault(text: string): Fault {
  const [kind = "", ...rest] = text.split(",");
  const parts = new Map(rest.map((part): [string, string] => splitFirst(part)));
  const take = (name: string): string => {
    const value = parts.get(name);
    if (!value) throw new FaultError(`${kind} wants ${name}=…`);
    parts.delete(name);
    return value;
  };
  const fault = read(kind, take);
  for (const name of parts.keys()) throw new FaultError(`${kind} knows no ${name}`);
  return fault;
}

function read(kind: string, take: (name: string) => string): Fault {
  switch (kind) {
    case "node-not-ready":
      return { kind, node: take("node") };
    case "registry-down":
    case "dns-down":
      return { kind };
    case "slow-pull":
      return { kind, seconds: number(take("seconds"), 3600) };
    case "packet-loss":
      return { kind, from: take("from"), to: take("to"), percent: number(take("percent"), 100) };
    case "pod-killed":
      return { kind, pod: take("pod") };
    case "memory-hog":
      return { kind, pod: take("pod"), bytes: bytes(take("bytes")) };
    default:
      throw new FaultError(
        `there is no fault "${kind}". Known are: node-not-ready, registry-down, slow-pull, packet-loss, dns-down, pod-killed, memory-hog`,
      );
  }
}

// A label's value comes after a second sign of equality.
function splitFirst(part: string): [string, string] {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
}

function number(text: string, most: number): number {
  const value = Number(text);
  if (!(value >= 0 && value <= most)) throw new FaultError(`"${text}" is not a number from 0 to ${most}`);
  return value;
}

function bytes(text: string): number {
  if (!parseQuantity(text)) throw new FaultError(`"${text}" is not an amount of memory: write 200Mi`);
  return wholeValue(text);
}
