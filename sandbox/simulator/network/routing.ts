import type { HostLabel, Hop, SocketAddress } from "./network";

export type Protocol = "TCP" | "UDP" | "ICMP";

/** One attempt to reach something: who asks, from where, for what. ICMP has port 0. */
export interface Flow {
  readonly protocol: Protocol;
  readonly source: { readonly address: string; readonly label: HostLabel };
  readonly target: SocketAddress;
}

/** What a rule says of a flow: `drop` lets the caller wait for its timeout, `refuse` answers at once. */
export type Stop = { kind: "refuse"; hops: readonly Hop[] } | { kind: "drop"; hops: readonly Hop[] };

/** `forward` rewrites the destination and ends rule evaluation; with `masquerade` the sender's address is hidden too. */
export type Translation =
  { kind: "forward"; target: SocketAddress; masquerade: Masquerade; hops: readonly Hop[] } | Stop;

/** Whose address a destination sees: the sender's own, or that of the node which passed the flow on. */
export type Masquerade = { kind: "none" } | { kind: "node"; node: string | undefined };

/** Destination rewriting, as kube-proxy programs it on each node. `undefined`: none of its business. */
export interface AddressTranslation {
  translate(flow: Flow): Translation | undefined;
}

/**
 * Admission of a flow once its real destination is known (network policies); `destination` is who has that address, if
 * anybody. `undefined`: none of its business, which allows the flow as `allow` does.
 */
export interface FlowFilter {
  judge(flow: Flow, destination: HostLabel | undefined): { kind: "allow"; hops: readonly Hop[] } | Stop | undefined;
}

/** The node where a host's flows are translated: its own, or the one it runs on. */
export function nodeOf(label: HostLabel): string | undefined {
  return label.kind === "node" ? label.name : label.node;
}
