import fc from "fast-check";
import { stringify } from "yaml";
import { isJsonObject, type JsonObject } from "../../api/json";
import { OBJECTS } from "./objects";

const odd = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    2 ** 40,
    "",
    " ",
    "Infinity",
    "9".repeat(400),
    "é\u0000\ud800",
    [],
    {},
    [[]],
    [null],
    { "": "" },
    { __proto__x: 1, constructor: {} },
  ),
  fc.constantFrom(
    "x".repeat(300),
    "a/b/c",
    "../..",
    "$patch",
    "1Gi1",
    "-5m",
    "*/0 * * * *",
    "[a-",
    "self.x.y",
    "{.a[0",
    "300.1.1.1",
    "2026-13-01T00:00:00Z",
  ),
  fc.json().map((text): unknown => JSON.parse(text)),
);

interface Bend {
  readonly at: number;
  readonly how: "replace" | "remove" | "repeat" | "rename";
  readonly value: unknown;
}
const bends = fc.array(
  fc.record({ at: fc.nat(), how: fc.constantFrom("replace", "remove", "repeat", "rename"), value: odd }),
  { maxLength: 3 },
);

function bent(object: JsonObject, changes: readonly Bend[]): unknown {
  const copy = structuredClone(object);
  for (const { at, how, value } of changes) {
    const places = placesIn(copy);
    const place = places[at % Math.max(1, places.length)];
    if (!place) continue;
    const [parent, key] = place;
    if (how === "remove") Reflect.deleteProperty(parent, key);
    else if (how === "repeat" && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
    else if (how === "rename") Reflect.set(parent, `${key}X`, value);
    else Reflect.set(parent, key, value);
  }
  return copy;
}

function placesIn(value: unknown, found: [object, string][] = []): [object, string][] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    placesIn(Reflect.get(value, key), found);
  }
  return found;
}

/** One varint-prefixed field. */
function field(number: number, bytes: Uint8Array): number[] {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    if (rest < 128) {
      length.push(rest);
      break;
    }
    length.push((rest & 127) | 128);
  }
  return [(number << 3) | 2, ...length, ...bytes];
}

/** Kubernetes' envelope around bytes that may be anything. */
function protobuf(object: JsonObject, raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const type = [
    ...field(1, text.encode(String(object["apiVersion"]))),
    ...field(2, text.encode(String(object["kind"]))),
  ];
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...field(1, Uint8Array.from(type)), ...field(2, raw)]);
}

const contentType = fc.constantFrom(
  "application/json",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "application/json; charset=utf-8",
  "text/plain",
  "",
);
const patchType = fc.constantFrom(
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/json",
);
const accept = fc.constantFrom(
  "application/json",
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "*/*",
  "text/html",
  "a;b;=,,;",
);
const query = fc.array(
  fc.tuple(
    fc.constantFrom(
      "limit",
      "continue",
      "resourceVersion",
      "resourceVersionMatch",
      "labelSelector",
      "fieldSelector",
      "timeoutSeconds",
      "sendInitialEvents",
      "allowWatchBookmarks",
      "dryRun",
      "fieldManager",
      "fieldValidation",
      "force",
      "gracePeriodSeconds",
      "propagationPolicy",
      "includeObject",
      "pretty",
      "watch",
    ),
    fc.oneof(
      fc.constantFrom(
        "",
        "0",
        "1",
        "-1",
        "5",
        "true",
        "All",
        "Strict",
        "Ignore",
        "Exact",
        "NotOlderThan",
        "Background",
        "Orphan",
        "a=b",
        "a in (b",
        "!x",
        "metadata.name=web",
        "spec.nodeName!=",
        "status.phase=Running",
        "fuzz",
      ),
      fc.string({ maxLength: 20 }),
    ),
  ),
  { maxLength: 4 },
);
const subresource = fc.constantFrom(
  "",
  "",
  "",
  "",
  "/status",
  "/scale",
  "/eviction",
  "/binding",
  "/log",
  "/exec",
  "/token",
  "/finalize",
  "/proxy/",
  "/resize",
  "/ephemeralcontainers",
  "/nothing",
);
const patchOperations = fc.array(
  fc.record({
    op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "jump"),
    path: fc.constantFrom(
      "",
      "/",
      "/spec",
      "/spec/replicas",
      "/metadata/labels/app",
      "/metadata/labels/~1x~2",
      "/spec/template/spec/containers/0",
      "/spec/template/spec/containers/-",
      "/metadata/finalizers/7",
      "no-slash",
      "/metadata/name",
      "/metadata",
      "/kind",
    ),
    from: fc.constantFrom("/spec", "/metadata/labels", "", "/nothing"),
    value: odd,
  }),
  { maxLength: 4 },
);
const directive = fc.constantFrom<JsonObject[]>(
  { $patch: "delete" },
  { $patch: "replace" },
  { $patch: "jump" },
  { $retainKeys: ["a"] },
  { "$setElementOrder/containers": [{ name: "main" }, null] },
  { "$deleteFromPrimitiveList/finalizers": ["x"] },
  {},
);

function mostly<T>(arbitrary: fc.Arbitrary<T>, usual: T): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
}

/** One request: a valid object bent out of shape, sent in some way to some place. */
export const step = fc.record({
  object: fc.constantFrom(...OBJECTS),
  method: fc.constantFrom("POST", "POST", "PUT", "PATCH", "PATCH", "GET", "DELETE", "HEAD", "OPTIONS"),
  named: fc.boolean(),
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    fc.constantFrom("%2e%2e", "a%2Fb", "%00", "..", "x".repeat(300), "%zz"),
  ),
  bends,
  raw: fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          "{",
          "[]",
          "null",
          '"x"',
          "{".repeat(9_000),
          '{"a":'.repeat(5_000),
          "a: &a [*a]",
          "- - -",
          '{"kind":"Pod","kind":"Pod"}',
          "",
        )
        .map((text) => new TextEncoder().encode(text)),
    },
  ),
  contentType: mostly(contentType, "application/json"),
  patchType,
  operations: patchOperations,
  directive,
  accept: mostly(accept, "application/json"),
  query: mostly(query, []),
  subresource: mostly(subresource, ""),
});
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Throws where no HTTP client could send it. */
export function requestFor(each: Step): Request {
  const [path, object] = each.object;
  const { name: ownName = "none" } = (object["metadata"] ?? {}) as { name?: string };
  const isNamed =
    each.method === "PUT" ||
    each.method === "PATCH" ||
    (each.named && each.method !== "POST") ||
    each.subresource !== "";
  const target = isNamed ? `${path}/${each.name ?? ownName}${each.subresource}` : path;
  const url = `https://localhost${target}?${new URLSearchParams(each.query.map(([key, value]): [string, string] => [key, value])).toString()}`;
  const type = each.method === "PATCH" ? each.patchType : each.contentType;
  const hasBody = !["GET", "HEAD", "OPTIONS"].includes(each.method);
  const body = hasBody ? (each.raw ?? bodyFor(each, type)) : undefined;
  const headers = { accept: each.accept, ...(type !== "" && { "content-type": type }) };
  return new Request(url, { method: each.method, headers, ...(body !== undefined && { body: Uint8Array.from(body) }) });
}

function bodyFor(each: Step, type: string): Uint8Array {
  const [, object] = each.object;
  const text = new TextEncoder();
  const value = bent(object, each.bends);
  if (type === "application/json-patch+json") return text.encode(JSON.stringify(each.operations));
  if (type.includes("protobuf")) return protobuf(object, text.encode(JSON.stringify(value)).subarray(0, 300));
  if (type.includes("strategic")) {
    const whole = isJsonObject(value) ? value : {};
    const spec = isJsonObject(whole["spec"]) ? whole["spec"] : {};
    return text.encode(JSON.stringify({ ...whole, spec: { ...spec, ...each.directive } }));
  }
  return text.encode(type.includes("yaml") ? stringify(value) : JSON.stringify(value));
}
