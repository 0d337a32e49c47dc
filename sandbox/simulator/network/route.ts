import { isLoopback } from "./address";
import type { HostLabel, Hop, SocketAddress } from "./network";
import { nodeOf, type AddressTranslation, type Flow, type FlowFilter, type Masquerade, type Protocol } from "./routing";

/** Somebody on the network, as far as finding a way concerns. */
export interface Station {
  readonly address: string;
  readonly label: HostLabel;
}

/** The network as a route sees it. */
export interface Topology<S extends Station> {
  readonly translations: readonly AddressTranslation[];
  readonly filters: readonly FlowFilter[];
  hostAt(address: string): S | undefined;
  /** A node's own address. */
  nodeAddress(name: string): string | undefined;
}

/** Where a flow ends up. `sourceAddress` is the sender as the destination sees it. */
export type Route<S extends Station> =
  | { kind: "arrives"; host: S; target: SocketAddress; sourceAddress: string; hops: readonly Hop[] }
  | { kind: "refused"; hops: readonly Hop[] }
  | { kind: "lost"; hops: readonly Hop[] };

/**
 * The way of a flow by the rules of this moment: first the Service rules of the sender's node (or, from outside, of the
 * node that is asked), then what policies say of the real destination, then whether anybody is there.
 */
export function findRoute<S extends Station>(
  topology: Topology<S>,
  from: S,
  protocol: Protocol,
  target: SocketAddress,
): Route<S> {
  const start: Hop = { kind: "host", detail: { name: from.label.name, address: from.address } };
  const translation = translate(topology, { protocol, source: from, target });
  if (!translation && (isLoopback(target.address) || target.address === from.address)) {
    return { kind: "arrives", host: from, target, sourceAddress: target.address, hops: [start] };
  }
  const hops = [start, ...(translation?.hops ?? [])];
  if (translation?.kind === "refuse") return { kind: "refused", hops };
  if (translation?.kind === "drop") return { kind: "lost", hops };
  const destination = translation?.target ?? target;
  const host = topology.hostAt(destination.address);
  const flow: Flow = { protocol, source: from, target: destination };
  for (const filter of topology.filters) {
    const verdict = filter.judge(flow, host?.label);
    if (!verdict) continue;
    hops.push(...verdict.hops);
    if (verdict.kind === "refuse") return { kind: "refused", hops };
    if (verdict.kind === "drop") return { kind: "lost", hops };
  }
  if (!host) {
    hops.push({ kind: "dropped", detail: { reason: "no-host", address: destination.address } });
    return { kind: "lost", hops };
  }
  const sourceAddress = sourceSeenBy(topology, from, host, translation?.masquerade);
  if (sourceAddress !== from.address) hops.push({ kind: "masquerade", detail: { address: sourceAddress } });
  hops.push({ kind: "host", detail: { name: host.label.name, address: host.address, port: destination.port } });
  return { kind: "arrives", host, target: destination, sourceAddress, hops };
}

function translate<S extends Station>({ translations }: Topology<S>, flow: Flow) {
  for (const rules of translations) {
    const verdict = rules.translate(flow);
    if (verdict) return verdict;
  }
  return undefined;
}

// A node talks to its own pods from their side of the bridge, to others from its address on the nodes' network.
function sourceSeenBy<S extends Station>(
  topology: Topology<S>,
  from: S,
  host: S,
  masquerade: Masquerade = { kind: "none" },
): string {
  const hidden = masquerade.kind === "node" || host === from;
  const node = masquerade.kind === "node" ? (masquerade.node ?? nodeOf(from.label)) : nodeOf(from.label);
  if (!hidden && from.label.kind !== "node") return from.address;
  if (host.label.kind === "pod" && host.label.node === node) return gatewayOf(host.address);
  return (node === undefined ? undefined : topology.nodeAddress(node)) ?? from.address;
}

/** The node's end of a pod's link: the first address of the node's range. */
function gatewayOf(podAddress: string): string {
  return podAddress.replace(/\d+$/, "1");
}
