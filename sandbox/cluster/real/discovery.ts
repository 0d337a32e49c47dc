import { z } from "zod";
import type { Resource } from "../../simulator/api/object";
import type { Upstream } from "./upstream";

const groupsSchema = z.object({
  groups: z.array(z.object({ name: z.string(), preferredVersion: z.object({ version: z.string() }) })),
});
const resourcesSchema = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean(), verbs: z.array(z.string()).default([]) }),
  ),
});

export interface ServedResource extends Resource {
  readonly verbs: ReadonlySet<string>;
}

/** What an API server serves, each kind in the version that it prefers. A group whose server is away is left out. */
export async function servedResources(upstream: Upstream): Promise<ServedResource[]> {
  const { groups } = groupsSchema.parse(await upstream.json("/apis"));
  const versions = [
    { group: "", version: "v1", path: "/api/v1" },
    ...groups.map(({ name, preferredVersion: { version } }) => ({
      group: name,
      version,
      path: `/apis/${name}/${version}`,
    })),
  ];
  const lists = await Promise.all(
    versions.map(async ({ group, version, path }) => {
      const answer = await upstream.json(path).catch(() => ({ resources: [] }));
      return resourcesSchema
        .parse(answer)
        .resources.filter(({ name }) => !name.includes("/"))
        .map(({ verbs, ...resource }) => ({ group, version, ...resource, verbs: new Set(verbs) }));
    }),
  );
  return lists.flat();
}
