import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS } from "../client/resources";
import type { FakeClock } from "../clock";
import { conditionsOf, OneNode } from "./one-node";
import type { ScriptedRuntime } from "./scripted-runtime";

describe("a kubelet, in the finer points of a pod's life,", () => {
  let node: OneNode;
  let clock: FakeClock;
  let runtime: ScriptedRuntime;

  beforeEach(async () => {
    node = await OneNode.start();
    ({ clock, runtime } = node);
  });
  afterEach(() => node.stop());

  const statusOf = async (name = "main") => {
    const { status } = await node.get();
    const all = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    return all.find((each) => each.name === name);
  };

  it("starts sidecars before the others, keeps them and ends them last", async () => {
    const initContainers = [{ name: "proxy", image: "nginx:1.27", restartPolicy: "Always" }];
    await node.run({ initContainers });
    await clock.advance(1000);
    expect(await statusOf("proxy")).toMatchObject({ ready: true, started: true, state: { running: {} } });
    expect(await statusOf()).toMatchObject({ ready: true });
    await node.client.delete(PODS, { namespace: "default", name: "web" });
    await clock.advance(1000);
    const stops = (await node.messages()).filter((message) => message.includes("Killing"));
    expect(stops).toEqual([
      "Normal Killing spec.containers{main}: Stopping container main",
      "Normal Killing spec.initContainers{proxy}: Stopping container proxy",
    ]);
  });

  it("counts containers lost with their node as restarts", async () => {
    await node.run();
    await clock.advance(1000);
    expect(await statusOf()).toMatchObject({ restartCount: 0 });
    await node.reboot();
    await clock.advance(1000);
    expect(await statusOf()).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 255, reason: "Unknown" } },
    });
  });

  it("fails a pod that is active for longer than its deadline", async () => {
    await node.run({ activeDeadlineSeconds: 5 });
    await clock.advance(4000);
    expect((await node.get()).status?.phase).toBe("Running");
    await clock.advance(2000);
    expect((await node.get()).status).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    expect(conditionsOf(await node.get())).toContain("Ready=False PodFailed");
  });

  it("keeps a container from traffic and other probes until its startup probe succeeds", async () => {
    const probe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
    await node.run({
      containers: [
        { name: "main", image: "nginx:1.27", startupProbe: { ...probe, failureThreshold: 30 }, livenessProbe: probe },
      ],
    });
    await clock.advance(10_000);
    expect(await statusOf()).toMatchObject({ started: false, ready: false, restartCount: 0 });
    node.network.hostAt("10.244.1.2")?.listen({ port: 80 }, () => undefined);
    await clock.advance(2000);
    expect(await statusOf()).toMatchObject({ started: true, ready: true, restartCount: 0 });
  });

  it("adds an ephemeral container to a running pod", async () => {
    await node.run();
    await clock.advance(1000);
    const body = { spec: { ephemeralContainers: [{ name: "debugger", image: "busybox:1.36" }] } };
    const patch = { type: "strategic" as const, body, subresource: "ephemeralcontainers" };
    await node.client.patch(PODS, { namespace: "default", name: "web" }, patch);
    await clock.advance(1000);
    expect(await statusOf("debugger")).toMatchObject({ state: { running: {} } });
    expect(await node.messages()).toContain("Normal Started spec.ephemeralContainers{debugger}: Container started");
  });

  it("never pulls where the policy says so, and names a reference that cannot be an image", async () => {
    await node.run({ containers: [{ name: "main", image: "nginx:1.25", imagePullPolicy: "Never" }] });
    await clock.advance(1000);
    const message = 'Container image "nginx:1.25" is not present with pull policy of Never';
    expect((await statusOf())?.state).toEqual({ waiting: { reason: "ErrImageNeverPull", message } });
    await node.run({ containers: [{ name: "main", image: "NGINX:1.25" }] }, "upper");
    await clock.advance(1000);
    expect((await node.get("upper")).status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe("InvalidImageName");
  });

  it("tells the time and size of a pull", async () => {
    await node.run({ containers: [{ name: "main", image: "nginx:1.25" }] });
    await clock.advance(1000);
    expect(await node.messages()).toContain(
      'Normal Pulled spec.containers{main}: Successfully pulled image "nginx:1.25" in 0s (0s including waiting). Image size: 100 bytes.',
    );
  });

  it("shortens the grace period of a pod that is deleted again", async () => {
    runtime.script("stubborn", { ignoresTerm: true });
    await node.run({ containers: [{ name: "main", image: "busybox:1.36", command: ["stubborn"] }] });
    await clock.advance(1000);
    await node.client.delete(PODS, { namespace: "default", name: "web" });
    await clock.advance(5000);
    await node.client.delete(PODS, { namespace: "default", name: "web" }, { gracePeriodSeconds: 1 });
    await clock.advance(1500);
    await expect(node.get()).rejects.toThrow("not found");
  });

  it("cuts a pod short that is deleted before its containers start", async () => {
    await node.run();
    await node.client.delete(PODS, { namespace: "default", name: "web" });
    await clock.advance(1000);
    await expect(node.get()).rejects.toThrow("not found");
    expect(await node.messages()).toEqual([]);
  });

  it("gives a pod its own facts as files, and a home for last words", async () => {
    const items = [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }];
    const containers = [{ name: "main", image: "nginx:1.27", volumeMounts: [{ name: "info", mountPath: "/info" }] }];
    await node.client.create(PODS, {
      metadata: { name: "web", namespace: "default", labels: { app: "web", tier: "front" } },
      spec: { nodeName: "kind-worker", containers, volumes: [{ name: "info", downwardAPI: { items } }] },
    });
    await node.until(async () => (await node.get()).status?.phase === "Running");
    expect(runtime.file("main", "/info", "labels")).toBe('app="web"\ntier="front"');
    expect(runtime.file("main", "/dev/termination-log", "")).toBe("");
    expect(runtime.file("main", "/var/run/secrets/kubernetes.io/serviceaccount", "ca.crt")).toBe("CA");
    expect(runtime.file("main", "/var/run/secrets/kubernetes.io/serviceaccount", "namespace")).toBe("default");
    expect(runtime.file("main", "/var/run/secrets/kubernetes.io/serviceaccount", "token")).toMatch(
      /^[\w-]+\.[\w-]+\.[\w-]+$/,
    );
  });
});
