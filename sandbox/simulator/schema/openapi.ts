import { RESOURCES_TABLE } from "./generated/resources";
import { TYPES_TABLE } from "./generated/types";
import { pathsOf, type KindTypes } from "./openapi-paths";
import {
  componentSchemas,
  definitionName,
  type Descriptions,
  type GroupVersionKind,
  type OpenApiNode,
} from "./openapi-schemas";
import { GROUP_VERSIONS, kindOf, schemaFor, type GroupVersion } from "./resources";

export type { Descriptions };

/** An OpenAPI document in bytes. `isImmutable`: its URL carries its hash, clients may keep it for ever. */
export interface OpenApiAnswer {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly isImmutable: boolean;
}

/**
 * Publishes the built-in group versions as OpenAPI v3: `/openapi/v3` and a document for each group version, made when
 * it is first asked for and kept; one publisher serves all clusters of a process. `descriptions` is called once, with
 * the first document; without texts everything but `kubectl explain`'s prose works. `/openapi/v2` is the smallest
 * document that clients take: they ask for it only where v3 does not help.
 */
export class OpenApiPublisher {
  readonly #loadDescriptions: () => Descriptions | undefined;
  readonly #documents = new Map<string, Uint8Array<ArrayBuffer>>();
  #descriptions: Descriptions | undefined;
  #index: Uint8Array<ArrayBuffer> | undefined;

  constructor(loadDescriptions: () => Descriptions | undefined = () => undefined) {
    this.#loadDescriptions = loadDescriptions;
  }

  /** Answers `/openapi/v2`, `/openapi/v3` and `/openapi/v3/…`; `undefined` for other paths. `hash` is the query parameter of that name. */
  answer(path: string, accept: string, hash = "", custom: readonly OpenApiDocument[] = []): OpenApiAnswer | undefined {
    if (path === "/openapi/v2") return emptyV2(accept);
    if (path === "/openapi/v3" && custom.length > 0)
      return { contentType: "application/json", body: encode(this.#indexDocument(custom)), isImmutable: false };
    if (path === "/openapi/v3")
      return {
        contentType: "application/json",
        body: (this.#index ??= encode(this.#indexDocument())),
        isImmutable: false,
      };
    if (!path.startsWith("/openapi/v3/")) return undefined;
    const name = path.slice("/openapi/v3/".length);
    const own = custom.find((each) => each.name === name);
    if (own) {
      const body = encode(own.document(this.#texts()));
      return { contentType: "application/json", body, isImmutable: hash !== "" && hash === fnv1a(own.state) };
    }
    const body = this.#document(name);
    return body && { contentType: "application/json", body, isImmutable: hash !== "" && hash === this.#hash() };
  }

  #document(name: string): Uint8Array<ArrayBuffer> | undefined {
    const known = this.#documents.get(name);
    if (known) return known;
    const served = GROUP_VERSIONS.find((candidate) => documentName(candidate) === name);
    if (!served) return undefined;
    const body = encode(documentFor(served, this.#texts()));
    this.#documents.set(name, body);
    return body;
  }

  #texts(): Descriptions {
    return (this.#descriptions ??= this.#loadDescriptions() ?? {});
  }

  #indexDocument(custom: readonly OpenApiDocument[] = []): object {
    const documents: [name: string, hash: string][] = [
      ...GROUP_VERSIONS.map((served) => [documentName(served), this.#hash()] as [string, string]),
      ...custom.map(({ name, state }) => [name, fnv1a(state)] as [string, string]),
    ];
    const paths = documents
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, hash]) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }] as const);
    return { paths: Object.fromEntries(paths) };
  }

  /** Of what documents are made of; it need not be of the documents, which would have to be made for it. */
  #hash(): string {
    const texts = Object.keys(this.#texts()).length;
    return fnv1a(`${TYPES_TABLE}${RESOURCES_TABLE}${texts}`);
  }
}

/** Where a group version's document stands below `/openapi/v3/`. */
function documentName({ group, version }: GroupVersion): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** A document that is made from what one cluster defines. */
export interface OpenApiDocument {
  /** Its place below `/openapi/v3/`. */
  readonly name: string;
  /** Another one: another document. */
  readonly state: string;
  document(descriptions: Descriptions): object;
}

/** The document of a group version. `custom` are the kinds that are not built in, with the names and schemas of their types. */
export function documentFor(
  served: GroupVersion,
  descriptions: Descriptions,
  custom: ReadonlyMap<string, { type: string; schema: OpenApiNode }> = new Map(),
): OpenApiNode {
  const roots = new Set(["meta.v1.APIResourceList"]);
  if (served.resources.some(({ verbs }) => verbs.includes("delete")))
    for (const type of OF_STORED_KINDS) roots.add(type);
  const types: KindTypes = {
    typeFor(kind) {
      const own = kind.group === served.group ? custom.get(kind.kind) : undefined;
      if (own) return own.type;
      const name = schemaFor(kind.group, kind.version, kind.kind)?.name;
      if (name === undefined || isOptions(kind.kind)) return undefined;
      roots.add(name);
      return name;
    },
  };
  if (custom.size > 0) for (const type of ["meta.v1.ObjectMeta", "meta.v1.ListMeta"]) roots.add(type);
  const paths = pathsOf(served, types);
  const kindsOf = (type: string): readonly GroupVersionKind[] => {
    const own = kindOf(type);
    const isShared = type === "meta.v1.DeleteOptions" || type === "meta.v1.WatchEvent";
    return own && isShared && served.group !== ""
      ? [own, { ...own, group: served.group, version: served.version }]
      : own
        ? [own]
        : [];
  };
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.36" },
    paths,
    components: {
      schemas: {
        ...componentSchemas(roots, kindsOf, descriptions),
        ...Object.fromEntries([...custom.values()].map(({ type, schema }) => [definitionName(type), schema])),
      },
    },
  };
}

/** What requests to stored kinds carry besides them. */
const OF_STORED_KINDS = ["meta.v1.DeleteOptions", "meta.v1.Patch", "meta.v1.Status", "meta.v1.WatchEvent"];

/** Options of connections come as query parameters, not as bodies. */
function isOptions(kind: string): boolean {
  return kind.endsWith("Options");
}

function emptyV2(accept: string): OpenApiAnswer {
  if (!accept.includes("openapi.spec.v2")) {
    const document = { swagger: "2.0", info: { title: "Kubernetes", version: "v1.36" }, paths: {} };
    return { contentType: "application/json", body: encode(document), isImmutable: false };
  }
  const info = [...field(1, "Kubernetes"), ...field(2, "v1.36")];
  const document = [...field(1, "2.0"), ...field(2, info), ...field(8, []), ...field(9, [])];
  return {
    contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    body: Uint8Array.from(document),
    isImmutable: false,
  };
}

/** One length-delimited protobuf field, shorter than 128 bytes. */
function field(number: number, value: string | number[]): number[] {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [(number << 3) | 2, bytes.length, ...bytes];
}

function encode(document: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(document));
}

function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16).toUpperCase().padStart(8, "0");
}
