import { beforeEach, describe, expect, it } from "vitest";
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "../api/generated/kubernetes";
import type { KubeObject, Resource, Stored } from "../api/object";
import type { WatchEvent } from "../api/request";
import type { Client } from "../client/client";
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } from "../client/resources";
import { FakeClock } from "../clock";
import { ADMINISTRATOR, createCluster, type Cluster } from "../cluster";

interface Boat extends KubeObject {
  spec?: { length?: number; colour?: string; replicas?: number };
  status?: { afloat?: boolean; replicas?: number };
}

const BOATS: Resource<Boat> = {
  group: "sea.example.com",
  version: "v1",
  name: "boats",
  kind: "Boat",
  namespaced: true,
};

function version(name: string, rest: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion {
  const integer = { type: "integer" };
  return {
    name,
    served: true,
    storage: name === "v1",
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            required: ["length"],
            properties: {
              length: { ...integer, minimum: 1 },
              colour: { type: "string", default: "blue" },
              replicas: integer,
            },
          },
          status: { type: "object", properties: { afloat: { type: "boolean" }, replicas: integer } },
        },
      },
    },
    ...rest,
  };
}

function boats(...versions: CustomResourceDefinitionVersion[]): CustomResourceDefinition {
  return {
    metadata: { name: "boats.sea.example.com" },
    spec: {
      group: "sea.example.com",
      scope: "Namespaced",
      names: { plural: "boats", kind: "Boat", shortNames: ["bt"], categories: ["all"] },
      versions,
    },
  };
}

const SUBRESOURCES = {
  subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
};

describe("a custom resource", () => {
  let clock: FakeClock;
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    clock = new FakeClock();
    const failures: unknown[] = [];
    const onError = (...failure: unknown[]) => void failures.push(failure);
    cluster = await createCluster({ clock, seed: 1, profile: "control-plane", certificate: "CA", onError });
    client = cluster.client();
    await cluster.settle();
    return async () => {
      await cluster.stop();
      expect(failures).toEqual([]);
    };
  });

  const define = async (...versions: CustomResourceDefinitionVersion[]) => {
    const made = await client.create(CUSTOM_RESOURCE_DEFINITIONS, boats(...versions));
    await cluster.settle();
    return made;
  };
  const launch = (name: string, boat: Partial<Boat> = { spec: { length: 3 } }) =>
    client.create(BOATS, { metadata: { name, namespace: "default" }, ...boat });
  const argo = { namespace: "default", name: "argo" };
  const fetch = async (
    path: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ) => {
    const response = await cluster.http.fetch(new Request(`https://cluster${path}`, init), {
      certificate: { commonName: ADMINISTRATOR.username, organizations: ADMINISTRATOR.groups },
    });
    return { code: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("is served once its definition is established, and named as it wants to be", async () => {
    await expect(client.list(BOATS, "default")).rejects.toThrow("could not find the requested resource");
    const { status: fresh } = await define(version("v1"));
    expect(fresh).toMatchObject({ storedVersions: ["v1"] });
    const { spec, status } = await client.get(CUSTOM_RESOURCE_DEFINITIONS, {
      namespace: "",
      name: "boats.sea.example.com",
    });
    expect(spec).toMatchObject({ names: { singular: "boat", listKind: "BoatList" }, conversion: { strategy: "None" } });
    expect(status?.conditions?.map(({ type, status: state, reason }) => [type, state, reason])).toEqual([
      ["NamesAccepted", "True", "NoConflicts"],
      ["Established", "True", "InitialNamesAccepted"],
    ]);
    const boat = await launch("argo");
    expect(boat).toMatchObject({ kind: "Boat", metadata: { generation: 1 }, spec: { length: 3, colour: "blue" } });
  });

  it("refuses what its schema refuses", async () => {
    await define(version("v1"));
    await expect(launch("argo", { spec: { length: 0 } })).rejects.toThrow(
      'Boat.sea.example.com "argo" is invalid: spec.length: Invalid value: 0: spec.length in body should be greater than or equal to 1',
    );
  });

  it("does not get names that another has", async () => {
    await define(version("v1"));
    const other = boats(version("v1"));
    other.metadata = { name: "bottles.sea.example.com" };
    other.spec.names = { plural: "bottles", kind: "Bottle", shortNames: ["bt"] };
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, other);
    await cluster.settle();
    const key = { namespace: "", name: "bottles.sea.example.com" };
    const conditions = async () => (await client.get(CUSTOM_RESOURCE_DEFINITIONS, key)).status?.conditions;
    expect(await conditions()).toMatchObject([
      { type: "NamesAccepted", status: "False", reason: "ShortNamesConflict", message: '"bt" is already in use' },
      { type: "Established", status: "False", reason: "NotAccepted" },
    ]);
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, { namespace: "", name: "boats.sea.example.com" });
    await cluster.settle(50);
    expect(await conditions()).toMatchObject([{ status: "True" }, { status: "True" }]);
  });

  it("keeps status and spec apart, and scales", async () => {
    await define(version("v1", SUBRESOURCES));
    const made = await launch("argo", { spec: { length: 3, replicas: 1 }, status: { afloat: true } });
    expect(made.status).toBeUndefined();
    const afloat = await client.updateStatus(BOATS, {
      ...made,
      spec: { length: 9 },
      status: { afloat: true, replicas: 1 },
    });
    expect(afloat).toMatchObject({ spec: { length: 3 }, status: { afloat: true }, metadata: { generation: 1 } });
    const body = { spec: { replicas: 4 } };
    await client.patch(BOATS, argo, { type: "merge", body, subresource: "scale" });
    expect(await client.get(BOATS, argo)).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } });
  });

  it("serves several versions of one object", async () => {
    await define(version("v1"), version("v1beta1"));
    await launch("argo");
    const beta = { ...BOATS, version: "v1beta1" };
    expect(await client.get(beta, argo)).toMatchObject({ apiVersion: "sea.example.com/v1beta1", spec: { length: 3 } });
    await client.patch(beta, argo, { type: "merge", body: { spec: { length: 4 } } });
    expect(await client.get(BOATS, argo)).toMatchObject({ apiVersion: "sea.example.com/v1", spec: { length: 4 } });
    const { body } = await fetch("/apis/sea.example.com");
    expect(body).toMatchObject({ versions: [{ version: "v1" }, { version: "v1beta1" }] });
  });

  it("is applied by its fields, and keeps those of others", async () => {
    await define(version("v1"));
    const apply = (fieldManager: string, spec: object) => {
      const body = { apiVersion: "sea.example.com/v1", kind: "Boat", metadata: { name: "argo" }, spec };
      return client.patch(BOATS, argo, { type: "apply", body }, { fieldManager });
    };
    await apply("yard", { length: 3, replicas: 2 });
    await expect(apply("pirate", { length: 4 })).rejects.toThrow(
      'Apply failed with 1 conflict: conflict with "yard": .spec.length',
    );
    await expect(apply("pirate", { sails: 4 })).rejects.toThrow(".spec.sails: field not declared in schema");
    expect((await apply("yard", { length: 5 })).spec).toEqual({ length: 5, colour: "blue" });
  });

  it("prints its own columns", async () => {
    const columns = [{ name: "Length", type: "integer", jsonPath: ".spec.length" }];
    await define(version("v1", { additionalPrinterColumns: columns }));
    await launch("argo");
    const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const { body } = await fetch("/apis/sea.example.com/v1/boats", { headers: accept });
    expect(body).toMatchObject({
      columnDefinitions: [{ name: "Name" }, { name: "Length" }],
      rows: [{ cells: ["argo", 3] }],
    });
  });

  it("is announced in discovery and described in OpenAPI", async () => {
    await define(version("v1", SUBRESOURCES));
    const { body: list } = await fetch("/apis/sea.example.com/v1");
    const names = (list.resources as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(["boats", "boats/status", "boats/scale"]);
    const { body: index } = await fetch("/openapi/v3");
    expect(Object.keys(index.paths as object)).toContain("apis/sea.example.com/v1");
    const { body: document } = await fetch("/openapi/v3/apis/sea.example.com/v1");
    const { schemas } = document.components as { schemas: Record<string, object> };
    expect(schemas["com.example.sea.v1.Boat"]).toMatchObject({
      properties: { spec: { required: ["length"] } },
      "x-kubernetes-group-version-kind": [{ group: "sea.example.com", version: "v1", kind: "Boat" }],
    });
  });

  it("goes with its definition, and its watches end", async () => {
    await define(version("v1"));
    await launch("argo");
    const events: string[] = [];
    const event = ({ type }: WatchEvent) => void events.push(type);
    await client.watch(BOATS, "default", {}, { event, closed: () => void events.push("closed") });
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, { namespace: "", name: "boats.sea.example.com" });
    await cluster.settle(50);
    expect(events).toEqual(["ADDED", "DELETED", "closed"]);
    await expect(client.list(BOATS, "default")).rejects.toThrow("could not find the requested resource");
    expect((await client.list(CUSTOM_RESOURCE_DEFINITIONS, "")).items).toEqual([]);
  });

  it("goes with its namespace, and with its owner", async () => {
    await define(version("v1"));
    await client.create(NAMESPACES, { metadata: { name: "harbour" } });
    await client.create(BOATS, { metadata: { name: "argo", namespace: "harbour" }, spec: { length: 3 } });
    await client.delete(NAMESPACES, { namespace: "", name: "harbour" });
    await cluster.settle(50);
    expect((await client.list(NAMESPACES, "")).items.map(({ metadata }) => metadata.name)).not.toContain("harbour");

    const owner: Stored = await launch("owner");
    const { apiVersion, kind, metadata } = owner;
    const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
    await client.create(CONFIG_MAPS, { metadata: { name: "cargo", namespace: "default", ownerReferences } });
    await client.delete(BOATS, { namespace: "default", name: "owner" });
    await cluster.settle(50);
    const { items } = await client.list(CONFIG_MAPS, "default");
    expect(items.map((each) => each.metadata.name)).not.toContain("cargo");
  });

  it("refuses a definition that is not structural", async () => {
    const broken = boats(version("v1"), version("v1"));
    broken.metadata = { name: "ships.sea.example.com" };
    broken.spec.versions[0] = version("v1", {
      schema: { openAPIV3Schema: { type: "object", properties: { spec: {} } } },
    });
    const refused = client.create(CUSTOM_RESOURCE_DEFINITIONS, broken);
    await expect(refused).rejects.toThrow(
      'metadata.name: Invalid value: "ships.sea.example.com": must be spec.names.plural+"."+spec.group',
    );
    await expect(refused).rejects.toThrow(
      "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
    );
    await expect(refused).rejects.toThrow("must have exactly one version marked as storage version");
  });
});
