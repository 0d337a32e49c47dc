import { GROUP_VERSIONS, type GroupVersion, type ResourceInfo, type SubresourceInfo } from "./resources";

/** A group version with what discovery says about it; custom resources come as such too. */
export type { GroupVersion };

export const AGGREGATED_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** A discovery document, or `undefined` when the path is none. */
export interface DiscoveryAnswer {
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Answers `/api`, `/apis`, `/api/v1`, `/apis/{group}` and `/apis/{group}/{version}`. `extra` are group versions beyond
 * the built-in ones (custom resources, by group in the order they should be announced). Bytes for the built-in ones are made once per process.
 */
export function discoveryFor(
  path: string,
  accept: string,
  extra: readonly GroupVersion[] = [],
): DiscoveryAnswer | undefined {
  const aggregated = wantsAggregated(accept) && (path === "/api" || path === "/apis");
  const contentType = aggregated ? AGGREGATED_DISCOVERY : "application/json";
  if (extra.length > 0) {
    const document = documentFor(path, aggregated, [...GROUP_VERSIONS, ...extra]);
    return document && { contentType, body: encode(document) };
  }
  const key = `${aggregated ? "aggregated " : ""}${path}`;
  let body = cache.get(key);
  if (!body) {
    const document = documentFor(path, aggregated, GROUP_VERSIONS);
    if (!document) return undefined;
    cache.set(key, (body = encode(document)));
  }
  return { contentType, body };
}

/** kubectl lists what it takes in order of preference; only v2 of the aggregated form is served. */
function wantsAggregated(accept: string): boolean {
  return accept
    .split(",")
    .some(
      (range) =>
        /;\s*g=apidiscovery\.k8s\.io\b/.test(range) &&
        /;\s*v=v2\s*(;|$)/.test(range) &&
        /;\s*as=APIGroupDiscoveryList\b/.test(range),
    );
}

// Filled with documents that never change, keyed by the few paths that exist.
const cache = new Map<string, Uint8Array<ArrayBuffer>>();

function encode(document: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`);
}

function documentFor(path: string, aggregated: boolean, served: readonly GroupVersion[]): object | undefined {
  const core = served.filter(({ group }) => group === "");
  const named = served.filter(({ group }) => group !== "");
  if (path === "/api") return aggregated ? aggregatedList(core) : apiVersions();
  if (path === "/apis") return aggregated ? aggregatedList(named) : groupList(named);
  const [, root, first = "", second, beyond] = path.split("/");
  if (beyond !== undefined) return undefined;
  if (root === "api" && second === undefined) return resourceListFor(core, "", first);
  if (root !== "apis") return undefined;
  if (second !== undefined) return resourceListFor(named, first, second);
  const group = groupsOf(named).get(first);
  return group && { kind: "APIGroup", apiVersion: "v1", ...groupEntry(first, group) };
}

function aggregatedList(served: readonly GroupVersion[]): object {
  const items = [...groupsOf(served)].map(([group, versions]) => ({
    metadata: group === "" ? {} : { name: group },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource(info: ResourceInfo): object {
  return {
    resource: info.name,
    responseKind: responseKind(info),
    scope: info.namespaced ? "Namespaced" : "Cluster",
    singularResource: info.singular,
    verbs: info.verbs,
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
    ...(info.subresources.length > 0 && { subresources: info.subresources.map(aggregatedSubresource) }),
  };
}

function aggregatedSubresource(info: SubresourceInfo): object {
  return {
    subresource: info.name,
    responseKind: { group: info.group, version: info.version, kind: info.kind },
    verbs: info.verbs,
  };
}

/** Group and version stand empty where they are those of the document around it; custom resources' never are. */
function responseKind(info: ResourceInfo): object {
  const builtIn = GROUP_VERSIONS.some(({ group, version }) => group === info.group && version === info.version);
  return { group: builtIn ? "" : info.group, version: builtIn ? "" : info.version, kind: info.kind };
}

function apiVersions(): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "172.18.0.2:6443" }],
  };
}

function groupList(served: readonly GroupVersion[]): object {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: [...groupsOf(served)].map(([group, versions]) => groupEntry(group, versions)),
  };
}

function groupEntry(group: string, versions: readonly GroupVersion[]): object {
  const entries = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

function groupsOf(served: readonly GroupVersion[]): Map<string, GroupVersion[]> {
  const groups = new Map<string, GroupVersion[]>();
  for (const entry of served) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
}

function resourceListFor(served: readonly GroupVersion[], group: string, version: string): object | undefined {
  const found = served.find((entry) => entry.group === group && entry.version === version);
  if (!found) return undefined;
  const groupVersion = group === "" ? version : `${group}/${version}`;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: found.resources.flatMap(resourceEntries),
  };
}

/** The plain form lists subresources beside resources. */
function resourceEntries(info: ResourceInfo): object[] {
  const { namespaced } = info;
  return [
    {
      name: info.name,
      singularName: info.singular,
      namespaced,
      kind: info.kind,
      verbs: info.verbs,
      ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
      ...(info.categories.length > 0 && { categories: info.categories }),
    },
    ...info.subresources.map((sub) => ({
      name: `${info.name}/${sub.name}`,
      singularName: "",
      namespaced,
      ...(sub.group !== "" && { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sub.verbs,
    })),
  ];
}
