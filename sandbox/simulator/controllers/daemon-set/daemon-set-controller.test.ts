import { beforeEach, describe, expect, it } from "vitest";
import type { DaemonSet, DaemonSetSpec, PodSpec } from "../../api/generated/kubernetes";
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";
import { targetNode } from "./daemon-pod";

const KEY = { namespace: "default", name: "agent" };

describe("the daemon set controller", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const create = async (spec: Partial<DaemonSetSpec> = {}, pod: Partial<PodSpec> = {}) => {
    await fixture.client.create(DAEMON_SETS, daemonSet(spec, pod));
    await fixture.cluster.settle();
  };
  const setImage = async (image: string) => {
    const body = { spec: { template: { spec: { containers: [{ name: "main", image }] } } } };
    await fixture.client.patch(DAEMON_SETS, KEY, { type: "strategic", body });
    await fixture.cluster.settle();
  };
  const changeNode = async (name: string, body: unknown) => {
    await fixture.client.patch(NODES, { namespace: "", name }, { type: "merge", body });
    await fixture.cluster.settle();
  };
  const places = async () =>
    (await fixture.pods()).map((pod) => `${targetNode(pod) ?? ""} ${pod.spec?.containers[0]?.image ?? ""}`).sort();
  const status = async () => (await fixture.client.get(DAEMON_SETS, KEY)).status;

  it("places one pod on every node whose taints the pods tolerate", async () => {
    await create();
    expect(await places()).toEqual(["kind-worker nginx:1", "kind-worker2 nginx:1"]);
    await fixture.makeReady();
    expect(await status()).toMatchObject({
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      numberReady: 2,
      numberAvailable: 2,
      updatedNumberScheduled: 2,
      numberMisscheduled: 0,
    });
  });

  it("places a pod on the control plane where it is tolerated", async () => {
    await create({}, { tolerations: [{ operator: "Exists" }] });
    expect(await places()).toHaveLength(3);
  });

  it("follows the labels of nodes", async () => {
    await create({}, { nodeSelector: { disk: "ssd" } });
    expect(await places()).toEqual([]);
    await changeNode("kind-worker", { metadata: { labels: { disk: "ssd" } } });
    expect(await places()).toEqual(["kind-worker nginx:1"]);
    await changeNode("kind-worker", { metadata: { labels: { disk: null } } });
    expect(await places()).toEqual([]);
  });

  it("keeps pods on a node that takes no new ones, and counts them as misplaced", async () => {
    await create();
    await fixture.makeReady();
    await changeNode("kind-worker", { spec: { taints: [{ key: "a", value: "b", effect: "NoSchedule" }] } });
    expect(await places()).toHaveLength(2);
    expect(await status()).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 1 });
  });

  it("replaces one pod at a time", async () => {
    await create();
    await fixture.makeReady();
    await setImage("nginx:2");
    expect(await fixture.pods()).toHaveLength(1);
    await fixture.reap();
    expect((await places()).map((place) => place.split(" ")[1]).sort()).toEqual(["nginx:1", "nginx:2"]);
    await fixture.makeReady();
    await fixture.reap();
    await fixture.makeReady();
    expect(await places()).toEqual(["kind-worker nginx:2", "kind-worker2 nginx:2"]);
    const { items } = await fixture.client.list(CONTROLLER_REVISIONS, "default");
    expect(items.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it("makes the new pod before it takes the old one away where it may surge", async () => {
    await create({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
    await fixture.makeReady();
    await setImage("nginx:2");
    expect(await fixture.pods()).toHaveLength(3);
    await fixture.makeReady();
    await fixture.reap();
    await fixture.makeReady();
    await fixture.reap();
    expect(await places()).toEqual(["kind-worker nginx:2", "kind-worker2 nginx:2"]);
  });

  it("replaces a failed pod at once, the next one on that node only after a while", async () => {
    await create();
    const fail = async () => {
      const pod = (await fixture.pods()).find((each) => targetNode(each) === "kind-worker");
      if (pod) await fixture.finish(pod, 1);
      await fixture.cluster.settle();
      await fixture.reap();
      return (await fixture.pods()).filter(({ status: state }) => state?.phase === "Failed").length;
    };
    expect(await fail()).toBe(0);
    expect(await fail()).toBe(1);
    await fixture.cluster.settle(1000);
    await fixture.reap();
    expect(await places()).toHaveLength(2);
    expect((await fixture.events("agent")).some((event) => event.startsWith("FailedDaemonPod: Found failed"))).toBe(
      true,
    );
  });
});

function daemonSet(spec: Partial<DaemonSetSpec>, pod: Partial<PodSpec>): DaemonSet {
  const labels = { app: "agent" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx:1" }], ...pod } },
      ...spec,
    },
  };
}
