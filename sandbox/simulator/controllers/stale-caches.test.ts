import { describe, expect, it, onTestFinished } from "vitest";
import type { PodTemplateSpec } from "../api/generated/kubernetes";
import type { KubeObject, Resource } from "../api/object";
// eslint-disable-next-line import/no-restricted-paths -- tests run against the real API server
import { createApiServer } from "../apiserver/api-server";
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
} from "../client/resources";
import { SharedInformers } from "../client/shared-informers";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import type { ControllerContext, Runnable } from "./context";
import { DaemonSetController } from "./daemon-set/daemon-set-controller";
import { DeploymentController } from "./deployment/deployment-controller";
import { JobController } from "./job/job-controller";
import { LateWatchClient } from "./late-watch";
import { ReplicaSetController } from "./replica-set/replica-set-controller";
import { replicaSets } from "./replica-set/replica-kind";
import { StatefulSetController } from "./stateful-set/stateful-set-controller";

const ADMIN = { username: "admin", groups: ["system:masters"] };
const KEY = { namespace: "default", name: "web" };
const LABELS = { app: "web" };
const SELECTOR = { matchLabels: LABELS };

interface Case {
  readonly resource: Resource;
  readonly make: (context: ControllerContext) => Runnable;
  readonly spec: object;
  /** What it makes, and how many of them. */
  readonly makes: Resource;
  readonly count: number;
  /** A spec that wants fewer of them, where there can be such a thing. */
  readonly smaller?: { readonly spec: object; readonly count: number };
}

const CASES: Readonly<Record<string, Case>> = {
  ReplicaSet: {
    resource: REPLICA_SETS,
    make: (context) => new ReplicaSetController(context, replicaSets(context)),
    spec: { replicas: 5, selector: SELECTOR, template: template("Always") },
    makes: PODS,
    count: 5,
    smaller: { spec: { replicas: 2 }, count: 2 },
  },
  Deployment: {
    resource: DEPLOYMENTS,
    make: (context) => new DeploymentController(context),
    spec: { replicas: 5, selector: SELECTOR, template: template("Always") },
    makes: REPLICA_SETS,
    count: 1,
  },
  StatefulSet: {
    resource: STATEFUL_SETS,
    make: (context) => new StatefulSetController(context),
    spec: { replicas: 3, podManagementPolicy: "Parallel", selector: SELECTOR, template: template("Always") },
    makes: PODS,
    count: 3,
    smaller: { spec: { replicas: 1 }, count: 1 },
  },
  DaemonSet: {
    resource: DAEMON_SETS,
    make: (context) => new DaemonSetController(context),
    spec: { selector: SELECTOR, template: template("Always") },
    makes: PODS,
    count: 2,
  },
  Job: {
    resource: JOBS,
    make: (context) => new JobController(context),
    spec: { parallelism: 3, completions: 6, template: template("Never") },
    makes: PODS,
    count: 3,
    smaller: { spec: { parallelism: 1 }, count: 1 },
  },
};

describe.each(Object.entries(CASES))("a %s whose controller reads an old cache", (_, each) => {
  it("gets what it wants once, however often it is looked at", async () => {
    const { client, settle, present } = await start(each);
    client.hold();
    await client.create(each.resource, { metadata: KEY, spec: each.spec } as KubeObject);
    for (let turn = 0; turn < 5; turn++) {
      const body = { metadata: { annotations: { turn: String(turn) } } };
      await client.patch(each.resource, KEY, { type: "merge", body });
      await settle();
    }
    expect(await present()).toBe(each.count);
    client.release();
    await settle();
    expect(await present()).toBe(each.count);
  });

  const { smaller } = each;
  if (!smaller) return;

  it("loses no more than it should", async () => {
    const { client, settle, present } = await start(each);
    await client.create(each.resource, { metadata: KEY, spec: each.spec } as KubeObject);
    await settle();
    client.hold();
    await client.patch(each.resource, KEY, { type: "merge", body: { spec: smaller.spec } });
    for (let turn = 0; turn < 5; turn++) {
      const body = { metadata: { annotations: { turn: String(turn) } } };
      await client.patch(each.resource, KEY, { type: "merge", body });
      await settle();
    }
    expect(await present()).toBe(smaller.count);
    client.release();
    await settle();
    expect(await present()).toBe(smaller.count);
  });
});

/** One controller on an API server of its own; only the news of its own objects are never late. */
async function start({ resource, make, makes }: Case) {
  const clock = new FakeClock();
  const random = new SeededRandom(3);
  const client = new LateWatchClient(resource.name, createApiServer({ clock, random }).handler, ADMIN, "test");
  await client.create(NAMESPACES, { metadata: { name: "default" } });
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace: "default" } });
  for (const name of ["one", "two"]) await client.create(NODES, { metadata: { name } });
  const informers = new SharedInformers(client, clock);
  const failures: unknown[] = [];
  const onError = (...failure: unknown[]) => void failures.push(failure);
  const controller = make({ client, clock, random, informers, onError });
  await informers.start();
  controller.start();
  onTestFinished(async () => {
    informers.stop();
    await controller.stop();
    expect(failures).toEqual([]);
  });
  const present = async () => {
    const { items } = await client.list(makes, "default");
    return items.filter(({ metadata }) => !metadata.deletionTimestamp).length;
  };
  return { client, present, settle: () => clock.advance(2000) };
}

function template(restartPolicy: "Always" | "Never"): PodTemplateSpec {
  return {
    metadata: { labels: LABELS },
    spec: { restartPolicy, containers: [{ name: "main", image: "nginx:1" }] },
  };
}
