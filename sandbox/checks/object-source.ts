import type { CheckKind } from "../protocol/checks";

/** An object as the API returned it. Frozen; what is inside is read through `read.ts` only. */
export interface ClusterObject {
  /** Not relied upon: what a list holds does not repeat its kind. */
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly uid: string;
      readonly controller?: boolean;
    }[];
  };
}

/** What a list and watch of one kind tells. */
export interface ObjectSink {
  /** The whole collection, as a list gave it: at the start, and again whenever a watch had to begin anew. */
  replace(objects: readonly ClusterObject[]): void;
  set(object: ClusterObject): void;
  remove(object: ClusterObject): void;
}

/** All that checks ask of a cluster, simulated or real: list and watch of one kind in all namespaces. */
export interface ObjectSource {
  /** Keeps `sink` up to date until the returned function is called; broken watches are resumed by the source. */
  subscribe(kind: CheckKind, sink: ObjectSink): () => void;
}
