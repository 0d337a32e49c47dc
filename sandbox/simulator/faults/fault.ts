/**
 * What can be made to go wrong in a cluster, for lessons about finding out. Pods are named `namespace/name` or, for all
 * with a label, `namespace/label=value`.
 */
export type Fault =
  /** The node's kubelet falls silent: what runs goes on, nobody looks after it, and in time its pods are replaced. */
  | { readonly kind: "node-not-ready"; readonly node: string }
  /** No registry answers: images that are on a node still start. */
  | { readonly kind: "registry-down" }
  /** Every pull takes this much longer. */
  | { readonly kind: "slow-pull"; readonly seconds: number }
  /** Of a hundred connections and datagrams from `from` to `to` so many are lost. */
  | { readonly kind: "packet-loss"; readonly from: string; readonly to: string; readonly percent: number }
  /** Whatever asks a DNS server waits in vain. */
  | { readonly kind: "dns-down" }
  /** The pod's containers are killed once, as soon as it runs, as by `kill -9`; what restarts them does so. */
  | { readonly kind: "pod-killed"; readonly pod: string }
  /** Each container of the pod holds this much memory; beyond its limit it is killed. Gone when the container restarts. */
  | { readonly kind: "memory-hog"; readonly pod: string; readonly bytes: number };

export type FaultKind = Fault["kind"];

/** A fault that cannot be: it names what is not there. */
export class FaultError extends Error {
  override readonly name = "FaultError";
}
