import type { JSONSchemaProps } from "../api/generated/kubernetes";
import { documentFor, type OpenApiDocument } from "../schema/openapi";
import { reference, type Descriptions, type OpenApiNode } from "../schema/openapi-schemas";
import type { CustomResource } from "./custom-resource";

/** The OpenAPI documents of the group versions that definitions add. */
export function customDocuments(resources: readonly CustomResource[]): OpenApiDocument[] {
  const groupVersions = new Map<string, CustomResource[]>();
  for (const resource of resources) {
    const name = `${resource.info.group}/${resource.info.version}`;
    groupVersions.set(name, [...(groupVersions.get(name) ?? []), resource]);
  }
  return [...groupVersions].map(([name, members]) => documentOf(name, members));
}

function documentOf(name: string, resources: readonly CustomResource[]): OpenApiDocument {
  const [group = "", version = ""] = name.split("/");
  const states = resources.map(({ definition: { metadata } }) => `${metadata.uid} ${metadata.resourceVersion}`);
  return {
    name: `apis/${name}`,
    state: states.join(" "),
    document: (descriptions) => {
      const served = { group, version, resources: resources.map(({ info }) => info) };
      return documentFor(served, descriptions, new Map(resources.flatMap((each) => schemasOf(each, descriptions))));
    },
  };
}

/** An item and a list by their kinds, each with its name and schema. */
function schemasOf(
  { info, schema, definition }: CustomResource,
  descriptions: Descriptions,
): [kind: string, { type: string; schema: OpenApiNode }][] {
  const { group, version, kind } = info;
  const listKind = definition.spec.names.listKind ?? `${kind}List`;
  const typeOf = (each: string): string => `=${group.split(".").reverse().join(".")}.${version}.${each}`;
  const head = headOf(descriptions);
  const text = descriptions["core.v1.Pod"]?.metadata;
  const item = {
    ...schema,
    type: "object",
    properties: {
      ...schema.properties,
      ...head,
      metadata: { ...(text && { description: text }), allOf: [reference("meta.v1.ObjectMeta")] },
    },
    "x-kubernetes-group-version-kind": [{ group, version, kind }],
  } satisfies Partial<Record<keyof JSONSchemaProps | "x-kubernetes-group-version-kind", unknown>>;
  const list = {
    description: `${listKind} is a list of ${kind}`,
    type: "object",
    required: ["items"],
    properties: {
      ...head,
      items: { description: `List of ${info.name}.`, type: "array", items: reference(typeOf(kind)) },
      metadata: { allOf: [reference("meta.v1.ListMeta")] },
    },
    "x-kubernetes-group-version-kind": [{ group, version, kind: listKind }],
  };
  return [
    [kind, { type: typeOf(kind), schema: item }],
    [listKind, { type: typeOf(listKind), schema: list }],
  ];
}

function headOf(descriptions: Descriptions): Record<"apiVersion" | "kind", OpenApiNode> {
  const { apiVersion, kind } = descriptions["core.v1.Pod"] ?? {};
  const node = (description: string | undefined): OpenApiNode => ({
    ...(description && { description }),
    type: "string",
  });
  return { apiVersion: node(apiVersion), kind: node(kind) };
}
