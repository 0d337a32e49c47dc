import type { GroupVersion, ResourceInfo } from "./resources";
import { reference, type GroupVersionKind, type OpenApiNode } from "./openapi-schemas";

/** Type names of what a resource's requests carry, for one kind. */
export interface KindTypes {
  typeFor(kind: GroupVersionKind): string | undefined;
}

/** The paths of one group version: every verb as an operation that names its kind, its query parameters and its bodies. */
export function pathsOf(served: GroupVersion, types: KindTypes): OpenApiNode {
  const root = served.group === "" ? `/api/${served.version}` : `/apis/${served.group}/${served.version}`;
  const paths: [string, OpenApiNode][] = [
    [`${root}/`, { get: operation("get", undefined, "meta.v1.APIResourceList", {}) }],
  ];
  for (const info of served.resources) paths.push(...resourcePaths(root, info, types));
  return Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function resourcePaths(root: string, info: ResourceInfo, types: KindTypes): [string, OpenApiNode][] {
  const collection = info.namespaced ? `${root}/namespaces/{namespace}/${info.name}` : `${root}/${info.name}`;
  const own = { group: info.group, version: info.version, kind: info.kind };
  const place = info.namespaced ? [NAMESPACE] : [];
  const list = types.typeFor({ ...own, kind: `${info.kind}List` });
  const paths: [string, OpenApiNode][] = [];
  const inCollection = operations(
    info.verbs,
    { list: "get", create: "post", deletecollection: "delete" },
    own,
    types,
    list,
  );
  if (Object.keys(inCollection).length > 0)
    paths.push([collection, { ...inCollection, parameters: [...place, PRETTY] }]);
  const ofItem = operations(
    info.verbs,
    { get: "get", update: "put", patch: "patch", delete: "delete" },
    own,
    types,
    list,
  );
  if (Object.keys(ofItem).length > 0)
    paths.push([`${collection}/{name}`, { ...ofItem, parameters: [NAME, ...place, PRETTY] }]);
  if (info.namespaced && info.verbs.includes("list"))
    paths.push([
      `${root}/${info.name}`,
      { ...operations(["list"], { list: "get" }, own, types, list), parameters: [PRETTY] },
    ]);
  for (const sub of info.subresources) {
    const kind = { group: sub.group || info.group, version: sub.version || info.version, kind: sub.kind };
    const isConnection = /^(exec|attach|portforward|proxy)$/.test(sub.name);
    const methods = isConnection ? CONNECT_METHODS : SUBRESOURCE_METHODS;
    paths.push([
      `${collection}/{name}/${sub.name}`,
      { ...operations(sub.verbs, methods, kind, types, undefined, isConnection), parameters: [NAME, ...place, PRETTY] },
    ]);
  }
  return paths;
}

const SUBRESOURCE_METHODS = { get: "get", create: "post", update: "put", patch: "patch", delete: "delete" };
const CONNECT_METHODS = { get: "get", create: "post", update: "put", patch: "patch", delete: "delete" };

function operations(
  verbs: readonly string[],
  methods: Readonly<Record<string, string>>,
  kind: GroupVersionKind,
  types: KindTypes,
  list: string | undefined,
  isConnection = false,
): Record<string, OpenApiNode> {
  const found: [string, OpenApiNode][] = [];
  const type = types.typeFor(kind);
  for (const [verb, method] of Object.entries(methods)) {
    if (!verbs.includes(verb)) continue;
    const action = isConnection ? "connect" : (ACTIONS[verb] ?? verb);
    const answer = isConnection
      ? undefined
      : verb === "list"
        ? list
        : verb.startsWith("delete")
          ? "meta.v1.Status"
          : type;
    found.push([
      method,
      operation(action, kind, answer, isConnection ? {} : { parameters: QUERY[verb], body: bodyOf(verb, type) }),
    ]);
  }
  return Object.fromEntries(found);
}

const ACTIONS: Readonly<Record<string, string>> = { create: "post", update: "put" };

function bodyOf(verb: string, type: string | undefined): OpenApiNode | undefined {
  if (verb === "patch")
    return {
      content: Object.fromEntries(PATCH_TYPES.map((media) => [media, { schema: reference("meta.v1.Patch") }])),
      required: true,
    };
  if (verb.startsWith("delete")) return { content: { "*/*": { schema: reference("meta.v1.DeleteOptions") } } };
  if ((verb === "create" || verb === "update") && type)
    return { content: { "*/*": { schema: reference(type) } }, required: true };
  return undefined;
}

const PATCH_TYPES = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

function operation(
  action: string,
  kind: GroupVersionKind | undefined,
  answer: string | undefined,
  rest: { parameters?: readonly OpenApiNode[]; body?: OpenApiNode },
): OpenApiNode {
  const schema = answer ? reference(answer) : { type: "string" };
  return {
    ...(rest.parameters && { parameters: rest.parameters }),
    ...(rest.body && { requestBody: rest.body }),
    responses: { "200": { description: "OK", content: { [answer ? "application/json" : "*/*"]: { schema } } } },
    ...(kind && { "x-kubernetes-action": action, "x-kubernetes-group-version-kind": kind }),
  };
}

function query(name: string, type: string): OpenApiNode {
  return { name, in: "query", schema: { type, uniqueItems: true } };
}

function inPath(name: string): OpenApiNode {
  return { name, in: "path", required: true, schema: { type: "string", uniqueItems: true } };
}

const NAME = inPath("name");
const NAMESPACE = inPath("namespace");
const PRETTY = query("pretty", "string");
const DRY_RUN = query("dryRun", "string");
const WRITE = [DRY_RUN, query("fieldManager", "string"), query("fieldValidation", "string")];
const SELECT = [
  query("allowWatchBookmarks", "boolean"),
  query("continue", "string"),
  query("fieldSelector", "string"),
  query("labelSelector", "string"),
  query("limit", "integer"),
  query("resourceVersion", "string"),
  query("resourceVersionMatch", "string"),
  query("sendInitialEvents", "boolean"),
  query("timeoutSeconds", "integer"),
  query("watch", "boolean"),
];
const REMOVE = [
  DRY_RUN,
  query("gracePeriodSeconds", "integer"),
  query("orphanDependents", "boolean"),
  query("propagationPolicy", "string"),
];

const QUERY: Readonly<Record<string, readonly OpenApiNode[]>> = {
  list: SELECT,
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, query("force", "boolean")],
  delete: REMOVE,
  deletecollection: [...REMOVE, ...SELECT],
};
