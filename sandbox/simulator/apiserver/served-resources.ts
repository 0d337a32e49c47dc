import type { AggregatedApi } from "../api/aggregated-api";
import type { CustomResourceDefinition } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { customResourcesOf, type CustomResource } from "../custom/custom-resource";
import { compareVersions } from "../custom/versions";
import { conversionFor, type Conversion } from "../registry/conversion";
import { hasGeneration, strategyFor } from "../registry/registry";
import type { Strategy } from "../registry/strategy";
import { GROUP_VERSIONS, resourceFor, type GroupVersion, type ResourceInfo } from "../schema/resources";
import { AggregatedApis } from "./aggregated";
import type { Storage } from "./storage";

/** A collection that this cluster serves, built in or custom, with its rules. */
export interface ServedResource {
  readonly info: ResourceInfo;
  readonly strategy: Strategy;
  readonly hasGeneration: boolean;
  readonly conversion?: Conversion;
  /** Of custom resources: what made them. */
  readonly custom?: CustomResource;
  /** Of what others serve: its objects, worked out when asked; such a collection is not in storage. */
  readonly read?: (namespace: string) => readonly Stored[];
}

export const DEFINITIONS = "apiextensions.k8s.io/customresourcedefinitions";

/** What a cluster serves: the built-in collections and those that its definitions add. Reads storage, keeps nothing. */
export class ServedResources {
  readonly #storage: Storage;
  readonly #aggregated: AggregatedApis;

  constructor(storage: Storage, aggregated: () => readonly AggregatedApi[] = () => []) {
    this.#storage = storage;
    this.#aggregated = new AggregatedApis(aggregated, storage);
  }

  find(group: string, version: string, name: string): ServedResource | undefined {
    const found = this.findStored(group, version, name);
    return found?.custom && !found.custom.isServed ? undefined : found;
  }

  /** Also versions that are only kept, not served. */
  findStored(group: string, version: string, name: string): ServedResource | undefined {
    const info = resourceFor(group, version, name);
    if (info) {
      return {
        info,
        strategy: strategyFor(group, name),
        hasGeneration: hasGeneration(group, name),
        conversion: conversionFor(group, version, name),
      };
    }
    const aggregated = this.#aggregated.find(group, version, name);
    if (aggregated) return aggregated;
    // The collection holds definitions only.
    const definition = this.#storage.get(DEFINITIONS, `${name}.${group}`) as
      Stored<CustomResourceDefinition> | undefined;
    const custom = definition && customResourcesOf(definition).find((each) => each.info.version === version);
    return (
      custom && {
        info: custom.info,
        strategy: custom.strategy,
        hasGeneration: true,
        conversion: custom.conversion,
        custom,
      }
    );
  }

  /** Whether the definition of a custom resource is on its way out. */
  isTerminating({ group, name }: Pick<ResourceInfo, "group" | "name">): boolean {
    return this.#storage.get(DEFINITIONS, `${name}.${group}`)?.metadata.deletionTimestamp !== undefined;
  }

  /** Every collection that is listed, built in and custom. */
  all(): ResourceInfo[] {
    const known = [...GROUP_VERSIONS, ...this.customGroupVersions()].flatMap(({ resources }) => resources);
    return known.filter(({ verbs }) => verbs.includes("list"));
  }

  customResources(): CustomResource[] {
    const definitions = this.#storage.list(DEFINITIONS, "").items as Stored<CustomResourceDefinition>[];
    return definitions.flatMap((definition) => customResourcesOf(definition)).filter(({ isServed }) => isServed);
  }

  /** Group versions that definitions and others add: groups by name, a group's preferred version first. */
  customGroupVersions(): GroupVersion[] {
    const found = new Map<string, ResourceInfo[]>();
    for (const { info } of this.customResources()) {
      const key = `${info.group}/${info.version}`;
      found.set(key, [...(found.get(key) ?? []), info]);
    }
    for (const { group, version, resources } of this.#aggregated.groupVersions()) {
      found.set(`${group}/${version}`, [...resources]);
    }
    return [...found.values()]
      .map((resources) => ({ group: resources[0]?.group ?? "", version: resources[0]?.version ?? "", resources }))
      .sort((a, b) => (a.group === b.group ? compareVersions(a.version, b.version) : a.group < b.group ? -1 : 1));
  }
}
