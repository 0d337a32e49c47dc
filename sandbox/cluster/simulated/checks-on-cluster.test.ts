import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Checker } from "../../checks/checker";
import { formatCheckMessage } from "../../protocol/check-messages";
import { checksDocumentSchema } from "../../protocol/checks";
import type { Client } from "../../simulator/client/client";
import { DEPLOYMENTS, PODS, SERVICES } from "../../simulator/client/resources";
import { FakeClock } from "../../simulator/clock";
import { createCluster, type Cluster } from "../../simulator/cluster";
import { objectSourceOf } from "./object-source";

const CHECKS = checksDocumentSchema.parse({
  version: 1,
  checks: [
    { id: "a", task: "run", that: "workloadReady", workload: { kind: "Deployment", name: "web" }, replicas: 3 },
    { id: "b", task: "replace", that: "podReplaced", workload: { kind: "Deployment", name: "web" } },
    {
      id: "c",
      task: "expose",
      that: "serviceSelects",
      service: { name: "web" },
      workload: { kind: "Deployment", name: "web" },
      ready: 3,
    },
    { id: "d", task: "expose", that: "endpointsReady", service: { name: "web" }, port: 80, ready: 3 },
  ],
});

describe("checks on a cluster", () => {
  let clock: FakeClock;
  let cluster: Cluster;
  let client: Client;
  let checker: Checker;

  beforeEach(async () => {
    clock = new FakeClock();
    cluster = await createCluster({ clock, seed: 1, certificate: "-----BEGIN CERTIFICATE-----\n" });
    await settle();
    client = cluster.client();
    checker = new Checker(CHECKS, objectSourceOf(client, clock), clock, () => undefined);
  });
  afterEach(async () => {
    checker.stop();
    await cluster.stop();
  });

  async function settle(): Promise<void> {
    for (let second = 0; second < 10; second++) await cluster.settle(1_000);
  }

  async function stand(): Promise<Record<string, string>> {
    await settle();
    return Object.fromEntries(
      checker.verdicts.map(({ taskId, message }) => [taskId, message ? formatCheckMessage(message) : "done"]),
    );
  }

  it("follow a learner through the lesson's tasks, a slip of the finger on the way", async () => {
    expect(await stand()).toEqual({
      run: "There is no Deployment `web` in namespace `default`.",
      replace: "There is no Deployment `web` in namespace `default`.",
      expose: "There is no Service `web` in namespace `default`.",
    });

    const labels = { app: "web" };
    await client.create(DEPLOYMENTS, {
      metadata: { name: "web", namespace: "default", labels },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "nginx" }] } },
      },
    });
    expect(await stand()).toMatchObject({
      run: "done",
      replace: "All pods of Deployment `web` are the first ones. Delete one.",
    });

    const [first] = (await client.list(PODS, "default")).items;
    await client.delete(PODS, { namespace: "default", name: first?.metadata.name ?? "" });
    await cluster.settle(60_000);
    expect(await stand()).toMatchObject({ run: "done", replace: "done" });

    const service = {
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { app: "wep" }, ports: [{ port: 80 }] },
    };
    await client.create(SERVICES, service);
    expect(await stand()).toMatchObject({ expose: "Service `web` selects app=wep: no pod has that label." });
    const patch = { type: "merge", body: { spec: { selector: { app: "web" } } } } as const;
    await client.patch(SERVICES, { namespace: "default", name: "web" }, patch);
    expect(await stand()).toEqual({ run: "done", replace: "done", expose: "done" });
  });

  it("name the image that cannot be pulled", async () => {
    const labels = { app: "web" };
    await client.create(DEPLOYMENTS, {
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "ngnix" }] } },
      },
    });
    expect((await stand())["run"]).toMatch(/^Pod `web-.*` cannot pull the image `.*ngnix.*`\.$/);
  });
});

describe("the course's checks", () => {
  const courses = join(import.meta.dirname, "../../../content/courses");
  const files = readdirSync(courses, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("checks.yaml"),
  );

  it.each(files)("can be read: %s", (file) => {
    expect(() => checksDocumentSchema.parse(parse(readFileSync(join(courses, file), "utf8")))).not.toThrow();
  });
});
