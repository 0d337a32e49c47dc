import type { HostLabel, Hop, SocketAddress } from "./network";

export type Protocol = "TCP" | "UDP";

/** One attempt to reach something: who asks, from where, for what. */
export interface Flow {
  readonly protocol: Protocol;
  readonly source: { readonly address: string; readonly label: HostLabel };
  readonly target: SocketAddress;
}

/**
 * What a rule says of a flow. `forward` rewrites the destination (and ends rule evaluation for it); `drop` lets the
 * caller wait for its timeout; `refuse` answers at once.
 */
export type Verdict =
  | { kind: "forward"; target: SocketAddress; hops: readonly Hop[] }
  | { kind: "refuse"; hops: readonly Hop[] }
  | { kind: "drop"; hops: readonly Hop[] };

/** Destination rewriting, as kube-proxy programs it on each node. `undefined`: none of its business. */
export interface AddressTranslation {
  translate(flow: Flow): Verdict | undefined;
}

/** Admission of a flow once its real destination is known (network policies). `undefined`: allowed. */
export interface FlowFilter {
  judge(flow: Flow, destination: HostLabel): Verdict | undefined;
}
