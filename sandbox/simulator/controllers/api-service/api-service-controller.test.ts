import { afterEach, describe, expect, it } from "vitest";
import type { APIService, CustomResourceDefinition } from "../../api/generated/kubernetes";
import type { Resource } from "../../api/object";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";
import { GROUP_VERSIONS } from "../../schema/resources";

const API_SERVICES: Resource<APIService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  name: "apiservices",
  kind: "APIService",
  namespaced: false,
};

let cluster: Cluster;
afterEach(() => cluster.stop());

describe("the APIServices of a cluster", () => {
  it("are one for each served version, those of definitions as long as these are there", async () => {
    const clock = new FakeClock();
    cluster = await createCluster({ clock, seed: 1, certificate: "", profile: "control-plane" });
    const client = cluster.client();
    const names = async () => {
      await cluster.settle(2000);
      return (await client.list(API_SERVICES, "")).items.map(({ metadata }) => metadata.name);
    };
    expect((await names()).length).toBe(GROUP_VERSIONS.length - 1);
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
    expect(await names()).toContain("v1.stable.example.com");
    const service = await client.get(API_SERVICES, { namespace: "", name: "v1.stable.example.com" });
    expect(service.spec).toEqual({
      group: "stable.example.com",
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 100,
    });
    expect(service.status?.conditions?.[0]).toMatchObject({ type: "Available", status: "True", reason: "Local" });
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, { namespace: "", name: "crontabs.stable.example.com" });
    expect(await names()).not.toContain("v1.stable.example.com");
  });
});

const definition: CustomResourceDefinition = {
  metadata: { name: "crontabs.stable.example.com" },
  spec: {
    group: "stable.example.com",
    names: { plural: "crontabs", singular: "crontab", kind: "CronTab" },
    scope: "Namespaced",
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};
