import { RESOURCES_TABLE } from "./generated/resources";
import type { KindModel } from "./kind-model";
import { typeOf, type SchemaType } from "./types";

/** A group version of the API and what it serves, in the order a server announces them. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceInfo[];
}

/** One served collection: what discovery says about it. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  /** Plural, as it stands in paths. */
  readonly name: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly SubresourceInfo[];
  /** Of custom resources, which no table of ours describes. */
  readonly model?: KindModel;
}

export interface SubresourceInfo {
  readonly name: string;
  /** Kind of the body it answers or takes; group and version are "" when they are the resource's own. */
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
}

/** Everything a server with default features serves, in announcement order; a group's preferred version comes first. */
export const GROUP_VERSIONS: readonly GroupVersion[] = parseResources(RESOURCES_TABLE);

export function resourceFor(group: string, version: string, name: string): ResourceInfo | undefined {
  return byPath.get(`${group}/${version}/${name}`);
}

export function resourceForKind(group: string, version: string, kind: string): ResourceInfo | undefined {
  return byKind.get(`${group}/${version}/${kind}`);
}

/**
 * The type of a kind, served or carried in bodies: `("apps", "v1", "Deployment")`, lists, and the options kinds, which
 * every group version has. `undefined` for kinds that are not built in.
 */
export function schemaFor(group: string, version: string, kind: string): SchemaType | undefined {
  const packageName = packages.get(group);
  const type = packageName ? typeOf(`${packageName}.${version}.${kind}`) : undefined;
  if (type) return type.isKind ? type : undefined;
  if (!META_KINDS.test(kind) && group !== "") return undefined;
  const meta = typeOf(`meta.v1.${kind}`);
  return meta?.isKind || kind === "WatchEvent" ? meta : undefined;
}

/** The group, version and kind of a type that is a kind; those of `meta.v1` belong to every group version and are named in the core one. */
export function kindOf(typeName: string): { group: string; version: string; kind: string } | undefined {
  const [packageName = "", version = "", kind = ""] = typeName.split(".");
  const isKind = typeOf(typeName)?.isKind || typeName === "meta.v1.WatchEvent";
  if (!isKind) return undefined;
  const group = packageName === "meta" ? "" : [...packages].find(([, name]) => name === packageName)?.[0];
  return group === undefined ? undefined : { group, version, kind };
}

// Registered in every group version: https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/register.go
const META_KINDS = /^((Get|List|Create|Update|Patch|Delete)Options|WatchEvent)$/;

const byPath = new Map(
  GROUP_VERSIONS.flatMap(({ resources }) => resources).map((info) => [
    `${info.group}/${info.version}/${info.name}`,
    info,
  ]),
);
const byKind = new Map(
  GROUP_VERSIONS.flatMap(({ resources }) => resources)
    .filter((info) => info.verbs.length > 0)
    .map((info) => [`${info.group}/${info.version}/${info.kind}`, info]),
);
// Go packages carry the first label of the group; two groups are in bodies only.
const packages = new Map(
  [...GROUP_VERSIONS.map(({ group }) => group), "admission.k8s.io", "apidiscovery.k8s.io"].map((group) => [
    group,
    group.split(".")[0] || "core",
  ]),
);

function parseResources(table: string): GroupVersion[] {
  const found: { group: string; version: string; resources: (ResourceInfo & { subresources: SubresourceInfo[] })[] }[] =
    [];
  for (const line of table.split("\n")) {
    const words = line.trim().split(" ");
    const current = found.at(-1);
    if (line.startsWith("group "))
      found.push({ group: words[1] === "-" ? "" : (words[1] ?? ""), version: words[2] ?? "", resources: [] });
    else if (line.startsWith(" ")) current?.resources.at(-1)?.subresources.push(parseSubresource(words));
    else if (line !== "" && current) current.resources.push(parseResource(words, current.group, current.version));
  }
  return found;
}

function parseResource(
  words: string[],
  group: string,
  version: string,
): ResourceInfo & { subresources: SubresourceInfo[] } {
  const [name = "", kind = "", singular = "", scope, verbs = "", ...marks] = words;
  const listOf = (prefix: string): string[] =>
    marks
      .find((mark) => mark.startsWith(prefix))
      ?.slice(prefix.length)
      .split(",") ?? [];
  return {
    group,
    version,
    name,
    singular,
    kind,
    namespaced: scope === "Namespaced",
    verbs: verbs.split(","),
    shortNames: listOf("short="),
    categories: listOf("in="),
    subresources: [],
  };
}

function parseSubresource([name = "", responseKind = "", verbs = ""]: string[]): SubresourceInfo {
  const parts = responseKind.split("/");
  const kind = parts.at(-1) ?? "";
  return {
    name,
    kind,
    group: parts.length === 3 ? (parts[0] ?? "") : "",
    version: parts.length === 3 ? (parts[1] ?? "") : "",
    verbs: verbs.split(","),
  };
}
