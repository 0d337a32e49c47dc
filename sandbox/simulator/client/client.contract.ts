import { describe, expect, it } from "vitest";
import type { ConfigMap } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { WatchEvent } from "../api/request";
import { isAlreadyExists, isConflict, isGone, isInvalid, isNotFound } from "../api/status";
import type { Client } from "./client";
import { CONFIG_MAPS, NAMESPACES, PODS } from "./resources";

export interface ClientUnderTest {
  readonly client: Client;
  /** Lets what is on its way arrive. */
  settle(): Promise<void>;
  /** Forgets old revisions, so that a watch from the first one is too old. */
  forgetHistory(): Promise<void>;
}

/** What every transport promises: the same objects, errors and events in the same order. */
export function describeClient(name: string, connect: () => Promise<ClientUnderTest>): void {
  describe(name, () => {
    const key = { namespace: "default", name: "settings" };
    const settings: ConfigMap = { metadata: { ...key, labels: { app: "web" } }, data: { colour: "red" } };

    it("gives back what was created, named and numbered by the server", async () => {
      const { client } = await connect();
      const created = await client.create(CONFIG_MAPS, settings);
      expect(created).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { colour: "red" } });
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(await client.get(CONFIG_MAPS, key)).toEqual(created);
    });

    it("lists with a selector, items carrying their kind", async () => {
      const { client } = await connect();
      await client.create(CONFIG_MAPS, settings);
      await client.create(CONFIG_MAPS, { metadata: { namespace: "default", name: "other" } });
      const list = await client.list(CONFIG_MAPS, "default", { labelSelector: "app=web" });
      expect(list.items.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([["ConfigMap", "settings"]]);
      expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(0);
    });

    it("rejects with the server's own errors", async () => {
      const { client } = await connect();
      const created = await client.create(CONFIG_MAPS, settings);
      const stale: ConfigMap = { ...created, data: { colour: "blue" } };
      await client.update(CONFIG_MAPS, stale);
      await expect(client.create(CONFIG_MAPS, settings)).rejects.toSatisfy(isAlreadyExists);
      await expect(client.update(CONFIG_MAPS, stale)).rejects.toSatisfy(isConflict);
      await expect(client.get(CONFIG_MAPS, { ...key, name: "none" })).rejects.toSatisfy(isNotFound);
      await expect(client.create(CONFIG_MAPS, { metadata: { namespace: "default", name: "Bad" } })).rejects.toSatisfy(
        isInvalid,
      );
      await expect(client.get(CONFIG_MAPS, { ...key, name: "none" })).rejects.toThrow('configmaps "none" not found');
    });

    it("patches in each of the three ways", async () => {
      const { client } = await connect();
      await client.create(CONFIG_MAPS, settings);
      await client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { size: "1" } } });
      await client.patch(CONFIG_MAPS, key, { type: "strategic", body: { data: { colour: null } } });
      const json = [{ op: "add", path: "/data/shape", value: "round" }];
      const patched = await client.patch(CONFIG_MAPS, key, { type: "json", body: json });
      expect(patched.data).toEqual({ size: "1", shape: "round" });
    });

    it("writes status apart from the rest", async () => {
      const { client } = await connect();
      const pod = await client.create(PODS, {
        metadata: { namespace: "default", name: "web" },
        spec: { containers: [{ name: "web", image: "nginx" }] },
      });
      const written = await client.updateStatus(PODS, {
        ...pod,
        spec: { ...pod.spec, containers: [] },
        status: { phase: "Running" },
      });
      expect(written.status?.phase).toBe("Running");
      expect(written.spec?.containers).toHaveLength(1);
    });

    it("deletes one, and all that match", async () => {
      const { client } = await connect();
      await client.create(CONFIG_MAPS, settings);
      await client.create(CONFIG_MAPS, { metadata: { namespace: "default", name: "other", labels: { app: "web" } } });
      await client.create(CONFIG_MAPS, { metadata: { namespace: "default", name: "kept" } });
      await client.delete(CONFIG_MAPS, key);
      await client.deleteCollection(CONFIG_MAPS, "default", { labelSelector: "app=web" });
      const left = await client.list(CONFIG_MAPS, "default");
      expect(left.items.map(({ metadata }) => metadata.name)).toEqual(["kept"]);
      const wrong = { preconditions: { uid: "another" } };
      await expect(client.delete(CONFIG_MAPS, { ...key, name: "kept" }, wrong)).rejects.toSatisfy(isConflict);
    });

    it("reaches cluster-scoped objects", async () => {
      const { client } = await connect();
      const namespace = await client.create(NAMESPACES, { metadata: { name: "dev" } });
      expect(await client.get(NAMESPACES, { namespace: "", name: "dev" })).toEqual(namespace);
    });

    it("watches from a revision on, in order, until it is stopped", async () => {
      const { client, settle } = await connect();
      const { metadata } = await client.list(CONFIG_MAPS, "default");
      const events: WatchEvent<Stored<ConfigMap>>[] = [];
      const { resourceVersion } = metadata;
      const watch = await client.watch(
        CONFIG_MAPS,
        "default",
        { resourceVersion },
        {
          event: (event) => events.push(event),
          closed: () => undefined,
        },
      );
      await client.create(CONFIG_MAPS, settings);
      await client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { size: "1" } } });
      await client.delete(CONFIG_MAPS, key);
      await settle();
      expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
        "ADDED settings",
        "MODIFIED settings",
        "DELETED settings",
      ]);
      watch.stop();
      await client.create(CONFIG_MAPS, settings);
      await settle();
      expect(events).toHaveLength(3);
    });

    it("says that a revision is too old to watch from", async () => {
      const { client, settle, forgetHistory } = await connect();
      await client.create(CONFIG_MAPS, settings);
      await forgetHistory();
      const failures: unknown[] = [];
      const options = { resourceVersion: "1" };
      const handler = {
        event: ({ type, object }: WatchEvent) => {
          if (type === "ERROR") failures.push(object);
        },
        closed: () => undefined,
      };
      await client.watch(CONFIG_MAPS, "default", options, handler).catch((error: unknown) => failures.push(error));
      await settle();
      expect(failures).toHaveLength(1);
      expect(isGone(failures[0]) || JSON.stringify(failures[0]).includes('"code":410')).toBe(true);
    });
  });
}
