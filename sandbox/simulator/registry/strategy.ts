import type { Clock } from "../clock";
import type { FieldError } from "../api/field-error";
import type { KubeObject, Stored } from "../api/object";
import type { Random } from "../random";
import type { CollectionRef } from "./references";

/**
 * What the API server must know about one kind beyond its schema. Every hook edits or judges a draft: an unfrozen
 * object in wire form whose body has been decoded. The order of a write is: defaults, admission, prepare, validate.
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/registry/rest/create.go
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  /** Fills in what the client left out; runs on every decoded object, whatever the verb. */
  defaults?(object: T): void;
  /** The part of `defaults` that is about the status, for writes of nothing else. */
  defaultStatus?(object: T): void;
  /** Clears what a client may not set and computes what the server sets. */
  prepareForCreate?(object: T, context: StrategyContext): void;
  prepareForUpdate?(object: T, old: Stored<T>, context: StrategyContext): void;
  /** Computes what the server sets when a status is written. */
  prepareForStatusUpdate?(object: T, old: Stored<T>, context: StrategyContext): void;
  /** Marks what is about to be deleted; only for kinds whose deletion others must finish. */
  prepareForDelete?(object: Stored<T>, context: StrategyContext): void;
  validate?(object: T, context: StrategyContext): FieldError[];
  /** Beyond what every update is checked for; by default an update is validated like a create. */
  validateUpdate?(object: T, old: Stored<T>, context: StrategyContext): FieldError[];
  /** Judges an update of the status subresource. */
  validateStatusUpdate?(object: T, old: Stored<T>): FieldError[];
  /** Judges an update of the approval subresource, which only requests for certificates have. */
  validateApproval?(object: T, old: Stored<T>): FieldError[];
  /** Sentences about a bad name; `prefix` when it is a generateName. By default a DNS subdomain. */
  nameFaults?(name: string, prefix: boolean): string[];
  /** A warning on every call. */
  deprecation?: string;
  /** Texts of warning headers of a write; `object` is the result. */
  warnings?(object: T, old?: Stored<T>): string[];
  /** What `metadata.generation` counts changes of, for kinds that have one (registry.ts); by default `spec`. */
  generationOf?(object: T): unknown;
  /** The object as storage has it, where reads do not show all of that; for the notes of who manages what. */
  asStored?(object: T): T;
  /** Values for field selectors beyond metadata.name and metadata.namespace. */
  fields?(object: T): Readonly<Record<string, string>>;
  /** Seconds of grace a deletion gives; `undefined`: the kind knows no graceful deletion. */
  gracePeriod?(object: Stored<T>, requested: number | undefined): number | undefined;
  /** Deletion answers with the object, not with a Status. */
  returnsDeletedObject?: boolean;
  scale?: ScaleMapping<T>;
  printer?: Printer<T>;
}

export interface StrategyContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly dryRun: boolean;
  /** Other objects, read as they stand. */
  lookup<T extends KubeObject>(resource: CollectionRef<T>, namespace: string, name: string): Stored<T> | undefined;
  list<T extends KubeObject>(resource: CollectionRef<T>, namespace: string): readonly Stored<T>[];
}

interface ScaleMapping<T extends KubeObject> {
  replicas(object: T): number;
  setReplicas(object: T, replicas: number): void;
  statusReplicas(object: T): number;
  /** In text form, `app=web`. */
  selector(object: T): string;
}

/** Columns as the server prints them; `row` gives the cells in the same order. */
export interface Printer<T extends KubeObject = KubeObject> {
  readonly columns: readonly Column[];
  row(object: T, now: number): readonly Cell[];
}

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date" | "boolean" | "number";
  readonly format: "" | "name";
  /** 1: only with `-o wide`. */
  readonly priority: 0 | 1;
}

/** `"Name"`, `"Ready"`, `"+Images"` (wide only), `"Restarts:integer"`: the columns of a kind in one line. */
export function columns(...specs: string[]): Column[] {
  return specs.map((spec) => {
    const [name = "", type] = spec.replace(/^\+/, "").split(":");
    const isName = name === "Name" || type === "name";
    return { name, type: typeOfColumn(type), format: isName ? "name" : "", priority: spec.startsWith("+") ? 1 : 0 };
  });
}

function typeOfColumn(text: string | undefined): Column["type"] {
  return text === "integer" || text === "date" || text === "boolean" || text === "number" ? text : "string";
}
