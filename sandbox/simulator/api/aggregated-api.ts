import type { KubeObject, Stored } from "./object";

/** A group version that somebody else serves behind the API server, while the APIService that names it is there. */
export interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly AggregatedResource[];
}

/** A collection that can be got and listed, worked out when it is read. */
export interface AggregatedResource {
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: readonly string[];
  /** `namespace` "" for all. Throws a `StatusError` while there is no answer. */
  list(namespace: string): readonly Stored[];
  /** Columns beyond Name, and their cells. */
  readonly columns: readonly string[];
  cells(object: KubeObject): readonly string[];
}
