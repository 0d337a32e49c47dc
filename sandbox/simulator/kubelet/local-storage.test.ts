import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PodSpec } from "../api/generated/kubernetes";
import { storageExcess } from "./local-storage";
import { OneNode } from "./one-node";

const pod = (limits: readonly (string | undefined)[], emptyDir?: { sizeLimit?: string; medium?: string }) => ({
  spec: {
    containers: limits.map((limit, at) => ({
      name: `c${at}`,
      resources: limit === undefined ? {} : { limits: { "ephemeral-storage": limit } },
    })),
    volumes: emptyDir ? [{ name: "cache", emptyDir }] : [],
  },
});
const used = (volume: number, ...containers: number[]) => ({
  volumes: new Map([["cache", volume]]),
  containers: new Map(containers.map((bytes, at) => [`c${at}`, bytes])),
});

it("names the volume, the pod or the container that holds too much", () => {
  expect(storageExcess(pod([undefined], { sizeLimit: "1Ki" }), used(1025))).toBe(
    'Usage of EmptyDir volume "cache" exceeds the limit "1Ki". ',
  );
  expect(storageExcess(pod(["1Ki", "2Ki"], {}), used(3000, 50, 50))).toBe(
    "Pod ephemeral local storage usage exceeds the total limit of containers 3Ki. ",
  );
  expect(storageExcess(pod(["1Ki", "2Ki"]), used(0, 1025, 0))).toBe(
    'Container c0 exceeded its local ephemeral storage limit "1Ki". ',
  );
});

it("has nothing against what is within its limits, has none, or lies in memory", () => {
  expect(storageExcess(pod(["1Ki"], { sizeLimit: "1Ki" }), used(500, 500))).toBeUndefined();
  expect(storageExcess(pod([undefined], {}), used(5000, 5000))).toBeUndefined();
  expect(storageExcess(pod([undefined], { sizeLimit: "1Ki", medium: "Memory" }), used(5000))).toBeUndefined();
});

describe("a pod that fills its volume", () => {
  let node: OneNode;
  beforeEach(async () => {
    node = await OneNode.start();
  });
  afterEach(() => node.stop());

  it("is evicted when the kubelet looks again", async () => {
    const spec: Partial<PodSpec> = {
      containers: [{ name: "main", image: "nginx:1.27", volumeMounts: [{ name: "v", mountPath: "/data" }] }],
      volumes: [{ name: "v", emptyDir: { sizeLimit: "10" } }],
    };
    await node.run(spec);
    await node.clock.advance(1000);
    node.runtime.write("main", "/data", "big", "more than ten bytes");
    await node.clock.advance(9000);
    expect((await node.get()).status?.phase).toBe("Running");
    await node.clock.advance(5000);
    const { status } = await node.get();
    const message = 'Usage of EmptyDir volume "v" exceeds the limit "10". ';
    expect(status).toMatchObject({ phase: "Failed", reason: "Evicted", message });
    expect(await node.messages()).toContain(`Warning Evicted -: ${message}`);
  });
});
