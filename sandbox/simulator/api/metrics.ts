import type { KubeObject } from "./object";

/** What metrics.k8s.io/v1beta1 says: amounts as `cpu` in nanocores and `memory` in Ki, over a `window`. */
interface Measured extends KubeObject {
  /** When the window ended. */
  readonly timestamp: string;
  /** Go's notation: `15.2s`. */
  readonly window: string;
}

export interface NodeMetrics extends Measured {
  readonly usage: Readonly<Record<string, string>>;
}

export interface PodMetrics extends Measured {
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}
