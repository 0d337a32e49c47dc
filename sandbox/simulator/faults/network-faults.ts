import type { Random } from "../random";
import type { Flow, FlowFilter, Stop } from "../network/routing";
import type { HostLabel } from "../network/network";
import type { Fault } from "./fault";
import { isNamed } from "./pod-name";

const DNS_PORT = 53;
const LOST: Stop = { kind: "drop", hops: [] };

/** Loses part of what goes from some pods to others. */
export function packetLoss({ from, to, percent }: Extract<Fault, { kind: "packet-loss" }>, random: Random): FlowFilter {
  return {
    judge: ({ source }: Flow, destination: HostLabel | undefined) => {
      if (source.label.kind !== "pod" || destination?.kind !== "pod") return undefined;
      if (!isNamed(from, source.label) || !isNamed(to, destination)) return undefined;
      return random.next() * 100 < percent ? LOST : undefined;
    },
  };
}

/** No DNS server hears a question. */
export function dnsDown(): FlowFilter {
  return {
    judge: ({ target, protocol }: Flow) => (target.port === DNS_PORT && protocol !== "ICMP" ? LOST : undefined),
  };
}
