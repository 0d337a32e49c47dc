import type { Endpoint, EndpointSlice } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { portsKey, type PortGroup } from "./desired";

/** As many endpoints as one slice holds. */
const MAX_ENDPOINTS = 100;

export type SliceContent = Pick<EndpointSlice, "ports" | "endpoints">;

export interface SliceDiff {
  readonly create: readonly SliceContent[];
  readonly update: readonly { slice: Stored<EndpointSlice>; content: SliceContent }[];
  readonly delete: readonly Stored<EndpointSlice>[];
}

/**
 * The fewest writes that make `slices` hold `groups`: endpoints stay in the slice they are in, new ones fill up slices
 * that have room, and emptied slices go. A Service without endpoints keeps one empty slice.
 */
export function diffSlices(slices: readonly Stored<EndpointSlice>[], groups: readonly PortGroup[]): SliceDiff {
  const create: SliceContent[] = [];
  const contents = new Map<Stored<EndpointSlice>, SliceContent>();
  for (const group of groups) {
    const key = portsKey(group.ports);
    const holders = slices.filter((slice) => portsKey(slice.ports) === key);
    const left = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
    const kept = holders.map((slice) => ({ slice, endpoints: keep(slice, left) }));
    for (const { slice, endpoints } of kept) {
      if (endpoints.length > 0) fill(endpoints, left);
      contents.set(slice, { ports: [...group.ports], endpoints });
    }
    const emptied = kept.find(({ endpoints }) => endpoints.length === 0);
    if (emptied) fill(emptied.endpoints, left);
    while (left.size > 0) {
      const endpoints: Endpoint[] = [];
      fill(endpoints, left);
      create.push({ ports: [...group.ports], endpoints });
    }
  }
  return settle(slices, contents, create);
}

function settle(
  slices: readonly Stored<EndpointSlice>[],
  contents: ReadonlyMap<Stored<EndpointSlice>, SliceContent>,
  create: SliceContent[],
): SliceDiff {
  const isUsed = (slice: Stored<EndpointSlice>) => (contents.get(slice)?.endpoints?.length ?? 0) > 0;
  const unused = slices.filter((slice) => !isUsed(slice));
  const update: { slice: Stored<EndpointSlice>; content: SliceContent }[] = [];
  for (const [slice, content] of contents) {
    if (isUsed(slice) && !equalJson(slice.endpoints, content.endpoints)) update.push({ slice, content });
  }
  const holdsNothing = create.length === 0 && unused.length === slices.length;
  // A slice about to go can take what would need a new one; and one stays to say that there is nothing.
  const spare = holdsNothing || create.length > 0 ? unused.shift() : undefined;
  const content = holdsNothing ? EMPTY : create[0];
  if (spare && content) {
    create.shift();
    const before = { ports: spare.ports ?? [], endpoints: spare.endpoints ?? [] };
    if (!equalJson(before, content)) update.push({ slice: spare, content });
  } else if (holdsNothing) {
    create.push(EMPTY);
  }
  return { create, update, delete: unused };
}

const EMPTY: SliceContent = { ports: [], endpoints: [] };

/** The slice's endpoints that are still wanted, as wanted; takes them out of `left`. */
function keep(slice: EndpointSlice, left: Map<string, Endpoint>): Endpoint[] {
  const kept: Endpoint[] = [];
  for (const endpoint of slice.endpoints ?? []) {
    const identity = identityOf(endpoint);
    const wanted = left.get(identity);
    if (!wanted) continue;
    left.delete(identity);
    kept.push(wanted);
  }
  return kept;
}

function fill(endpoints: Endpoint[], left: Map<string, Endpoint>): void {
  for (const [identity, endpoint] of left) {
    if (endpoints.length >= MAX_ENDPOINTS) return;
    left.delete(identity);
    endpoints.push(endpoint);
  }
}

function identityOf(endpoint: Endpoint): string {
  return `${endpoint.targetRef?.uid ?? ""} ${endpoint.addresses.join(",")}`;
}
