import type { KubeObject, ObjectList } from "../api/object";
import { columns, type Cell, type Column, type Printer, type Strategy } from "../registry/strategy";

/** How much of each object a row carries. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface Table {
  readonly kind: "Table";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: object;
  readonly columnDefinitions: readonly (Column & { description: string })[] | null;
  readonly rows: readonly { readonly cells: readonly Cell[]; readonly object?: object }[];
}

export function tableOfList(strategy: Strategy, list: ObjectList, include: IncludeObject, now: number): Table {
  const printer = printerOf(strategy);
  return table(printer, list.metadata, list.items, include, now);
}

export function tableOfObject(strategy: Strategy, object: KubeObject, include: IncludeObject, now: number): Table {
  const { resourceVersion } = object.metadata ?? {};
  return table(printerOf(strategy), { resourceVersion }, [object], include, now);
}

/** Only the first table of a watch says what its columns are. */
export function withoutColumns(one: Table): Table {
  return { ...one, columnDefinitions: null };
}

export function partialObject({ metadata }: KubeObject): KubeObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

export function partialList({ metadata, items }: ObjectList): object {
  return { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items: items.map(partialObject) };
}

function table(
  printer: Printer,
  metadata: object,
  objects: readonly KubeObject[],
  include: IncludeObject,
  now: number,
): Table {
  const rows = objects.map((object) => {
    const cells = printer.row(object, now);
    return include === "None" ? { cells } : { cells, object: include === "Object" ? object : partialObject(object) };
  });
  const columnDefinitions = printer.columns.map((column) => ({ ...column, description: "" }));
  return { kind: "Table", apiVersion: "meta.k8s.io/v1", metadata, columnDefinitions, rows };
}

function printerOf({ printer }: Strategy): Printer {
  return printer ?? PLAIN;
}

const PLAIN: Printer = {
  columns: columns("Name", "Created At:date"),
  row: ({ metadata }) => [metadata?.name ?? "", metadata?.creationTimestamp ?? "<unknown>"],
};
