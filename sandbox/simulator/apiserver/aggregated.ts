import type { AggregatedApi, AggregatedResource } from "../api/aggregated-api";
import type { Stored } from "../api/object";
import { columns } from "../registry/strategy";
import type { GroupVersion, ResourceInfo } from "../schema/resources";
import type { ServedResource } from "./served-resources";
import type { Storage } from "./storage";

const API_SERVICES = "apiregistration.k8s.io/apiservices";

/** The APIs that others serve behind this one: each as long as its APIService is there. */
export class AggregatedApis {
  readonly #apis: () => readonly AggregatedApi[];
  readonly #storage: Pick<Storage, "get">;

  constructor(apis: () => readonly AggregatedApi[], storage: Pick<Storage, "get">) {
    this.#apis = apis;
    this.#storage = storage;
  }

  find(group: string, version: string, name: string): ServedResource | undefined {
    const api = this.#registered().find((each) => each.group === group && each.version === version);
    const resource = api?.resources.find((each) => each.name === name);
    return api && resource && servedResource(api, resource);
  }

  groupVersions(): GroupVersion[] {
    return this.#registered().map((api) => ({
      group: api.group,
      version: api.version,
      resources: api.resources.map((resource) => infoOf(api, resource)),
    }));
  }

  #registered(): AggregatedApi[] {
    return this.#apis().filter(({ group, version }) => this.#storage.get(API_SERVICES, `${version}.${group}`));
  }
}

function servedResource(api: AggregatedApi, resource: AggregatedResource): ServedResource {
  return {
    info: infoOf(api, resource),
    strategy: {
      printer: {
        columns: columns("Name", ...resource.columns),
        row: (object) => [object.metadata?.name ?? "", ...resource.cells(object)],
      },
    },
    hasGeneration: false,
    read: (namespace): readonly Stored[] => resource.list(namespace),
  };
}

function infoOf({ group, version }: AggregatedApi, resource: AggregatedResource): ResourceInfo {
  const { name, singular, kind, namespaced, shortNames = [] } = resource;
  const verbs = ["get", "list"];
  return { group, version, name, singular, kind, namespaced, verbs, shortNames, categories: [], subresources: [] };
}
