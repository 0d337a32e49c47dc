import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONFIG_MAPS, PODS, SERVICES } from "../client/resources";
import type { FakeClock } from "../clock";
import { readAll } from "../pipe";
import { conditionsOf, OneNode } from "./one-node";
import type { ScriptedRuntime } from "./scripted-runtime";

describe("a kubelet", () => {
  let node: OneNode;
  let clock: FakeClock;
  let runtime: ScriptedRuntime;

  beforeEach(async () => {
    node = await OneNode.start();
    ({ clock, runtime } = node);
  });
  afterEach(() => node.stop());

  it("takes a pod from Pending to Running and Ready, with a full status", async () => {
    await node.run();
    expect((await node.get()).status).toMatchObject({
      phase: "Pending",
      containerStatuses: [
        { name: "main", ready: false, state: { waiting: { reason: "ContainerCreating" } }, imageID: "" },
      ],
    });
    await clock.advance(1000);
    const pod = await node.get();
    expect(pod.status).toMatchObject({
      phase: "Running",
      podIP: "10.244.1.2",
      podIPs: [{ ip: "10.244.1.2" }],
      hostIP: "172.18.0.3",
      hostIPs: [{ ip: "172.18.0.3" }],
      qosClass: "BestEffort",
      observedGeneration: 1,
      startTime: "2026-01-01T00:00:00Z",
      containerStatuses: [
        {
          image: "docker.io/library/nginx:1.27",
          imageID: "docker.io/library/nginx@sha256:1",
          lastState: {},
          ready: true,
          started: true,
          restartCount: 0,
          user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
        },
      ],
    });
    expect(conditionsOf(pod)).toEqual([
      "PodReadyToStartContainers=True",
      "Initialized=True",
      "Ready=True",
      "ContainersReady=True",
    ]);
    expect(await node.messages()).toEqual([
      'Normal Pulled spec.containers{main}: Container image "nginx:1.27" already present on machine and can be accessed by the pod',
      "Normal Created spec.containers{main}: Container created",
      "Normal Started spec.containers{main}: Container started",
    ]);
  });

  it("is Ready within 300 ms when the image is there", async () => {
    await node.run();
    await clock.advance(299);
    expect(conditionsOf(await node.get())).toContain("Ready=True");
  });

  it("pulls a missing image, and backs off from one that does not exist", async () => {
    await node.run({ containers: [{ name: "main", image: "nginx:1.99" }] });
    await clock.advance(500);
    const state = async () => (await node.get()).status?.containerStatuses?.[0]?.state?.waiting;
    expect(await state()).toEqual({ reason: "ErrImagePull", message: "rpc error: not found" });
    await clock.advance(1500);
    const message = 'Back-off pulling image "nginx:1.99": ErrImagePull: rpc error: not found';
    expect(await state()).toEqual({ reason: "ImagePullBackOff", message });
    expect(await node.messages()).toEqual([
      'Normal Pulling spec.containers{main}: Pulling image "nginx:1.99"',
      'Warning Failed spec.containers{main}: Failed to pull image "nginx:1.99": rpc error: not found',
      "Warning Failed spec.containers{main}: Error: ErrImagePull",
      'Normal BackOff spec.containers{main}: Back-off pulling image "nginx:1.99"',
      "Warning Failed spec.containers{main}: Error: ImagePullBackOff",
    ]);
    await clock.advance(30_000);
    expect(runtime.pulls.get("nginx:1.99")).toBe(3);
  });

  it("restarts a crashing container after 0, 10, 20, … seconds and says so", async () => {
    runtime.script("crash", { exitAfterMs: 10, exitCode: 7 });
    await node.run({ containers: [{ name: "main", image: "busybox:1.36", command: ["crash"] }] });
    await clock.advance(2000);
    const pod = await node.get();
    const status = pod.status?.containerStatuses?.[0];
    expect(pod.status?.phase).toBe("Running");
    expect(status).toMatchObject({
      restartCount: 1,
      ready: false,
      started: false,
      lastState: { terminated: { exitCode: 7, reason: "Error" } },
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=main pod=web_default(${pod.metadata.uid})`,
        },
      },
    });
    expect(await node.messages()).toContain(
      `Warning BackOff spec.containers{main}: Back-off restarting failed container main in pod web_default(${pod.metadata.uid})`,
    );
    await clock.advance(9000);
    expect((await node.get()).status?.containerStatuses?.[0]?.restartCount).toBe(2);
    await clock.advance(15_000);
    expect((await node.get()).status?.containerStatuses?.[0]?.restartCount).toBe(2);
    await clock.advance(6000);
    expect((await node.get()).status?.containerStatuses?.[0]?.restartCount).toBe(3);
  });

  it("does not see a container run that ends before it looks", async () => {
    const phases = new Set<string>();
    node.informers.pods.addHandler({ updated: (_, { status }) => void phases.add(status?.phase ?? "") });
    runtime.script("quick", { exitAfterMs: 5, exitCode: 0 });
    await node.run({
      restartPolicy: "Never",
      containers: [{ name: "main", image: "busybox:1.36", command: ["quick"] }],
    });
    await clock.advance(1000);
    expect([...phases]).toEqual(["Pending", "Succeeded"]);
  });

  it("ends a pod that is not to be restarted, and keeps its address and logs", async () => {
    runtime.script("job", { exitAfterMs: 50, exitCode: 0, output: "done\n" });
    await node.run({ restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36", command: ["job"] }] });
    await clock.advance(1000);
    const pod = await node.get();
    expect(pod.status).toMatchObject({ phase: "Succeeded", podIP: "10.244.1.2" });
    expect(conditionsOf(pod)).toEqual([
      "PodReadyToStartContainers=False",
      "Initialized=True PodCompleted",
      "Ready=False PodCompleted",
      "ContainersReady=False PodCompleted",
    ]);
    const target = { namespace: "default", name: "web", uid: pod.metadata.uid, container: "main" };
    const log = await readAll(await node.kubelet.nodeApi.logs(target, {}));
    expect(new TextDecoder().decode(log)).toBe("done\n");
    runtime.script("fail", { exitAfterMs: 50, exitCode: 3 });
    await node.run(
      { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36", command: ["fail"] }] },
      "failing",
    );
    await clock.advance(1000);
    expect((await node.get("failing")).status?.phase).toBe("Failed");
  });

  it("runs init containers in order before the others", async () => {
    runtime.script("prepare", { exitAfterMs: 500, exitCode: 0 });
    const init = (name: string) => ({ name, image: "busybox:1.36", command: ["prepare"] });
    await node.run({ initContainers: [init("first"), init("second")] });
    await clock.advance(400);
    const early = await node.get();
    expect(early.status).toMatchObject({
      phase: "Pending",
      initContainerStatuses: [{ state: { running: {} } }, { state: { waiting: { reason: "PodInitializing" } } }],
      containerStatuses: [{ state: { waiting: { reason: "PodInitializing" } } }],
    });
    expect(early.status?.conditions?.[1]).toMatchObject({
      type: "Initialized",
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [first second]",
    });
    await clock.advance(3000);
    expect((await node.get()).status).toMatchObject({
      phase: "Running",
      initContainerStatuses: [{ ready: true, state: { terminated: { reason: "Completed" } } }, { ready: true }],
    });
  });

  it("stops a deleted pod within its grace period and takes it out of the API", async () => {
    runtime.script("stubborn", { ignoresTerm: true });
    await node.run({
      terminationGracePeriodSeconds: 4,
      containers: [{ name: "main", image: "busybox:1.36", command: ["stubborn"] }],
    });
    await clock.advance(1000);
    await node.client.delete(PODS, { namespace: "default", name: "web" });
    await clock.advance(3900);
    expect((await node.get()).status?.phase).toBe("Running");
    expect(await node.messages()).toContain("Normal Killing spec.containers{main}: Stopping container main");
    await clock.advance(600);
    await expect(node.get()).rejects.toThrow('pods "web" not found');
    expect(node.network.hostAt("10.244.1.2")).toBeUndefined();
  });

  it("stops what runs of a pod that was forced out of the API", async () => {
    await node.run();
    await clock.advance(1000);
    await node.client.delete(PODS, { namespace: "default", name: "web" }, { gracePeriodSeconds: 0 });
    await clock.advance(2000);
    expect(node.network.hostAt("10.244.1.2")).toBeUndefined();
  });

  it("waits for a ConfigMap that an environment needs", async () => {
    const env = [{ name: "LEVEL", valueFrom: { configMapKeyRef: { name: "levels", key: "level" } } }];
    await node.run({ containers: [{ name: "main", image: "nginx:1.27", env }] });
    await clock.advance(1000);
    expect((await node.get()).status?.containerStatuses?.[0]?.state).toEqual({
      waiting: { reason: "CreateContainerConfigError", message: 'configmap "levels" not found' },
    });
    await node.client.create(CONFIG_MAPS, {
      metadata: { name: "levels", namespace: "default" },
      data: { level: "debug" },
    });
    await clock.advance(2000);
    expect((await node.get()).status?.phase).toBe("Running");
    expect(runtime.environment("main").get("LEVEL")).toBe("debug");
  });

  it("waits for a Secret that a volume needs, and updates a volume in place", async () => {
    const volumes = [{ name: "s", configMap: { name: "settings" } }];
    const containers = [{ name: "main", image: "nginx:1.27", volumeMounts: [{ name: "s", mountPath: "/s" }] }];
    await node.run({ volumes, containers });
    await clock.advance(1000);
    expect(await node.messages()).toEqual([
      'Warning FailedMount -: MountVolume.SetUp failed for volume "s" : configmap "settings" not found',
    ]);
    await node.client.create(CONFIG_MAPS, { metadata: { name: "settings", namespace: "default" }, data: { a: "1" } });
    await clock.advance(3000);
    expect(runtime.file("main", "/s", "a")).toBe("1");
    await node.client.patch(
      CONFIG_MAPS,
      { namespace: "default", name: "settings" },
      { type: "merge", body: { data: { a: "2" } } },
    );
    await clock.advance(2000);
    expect(runtime.file("main", "/s", "a")).toBe("2");
  });

  it("gives containers their Services, the API's own and the pod's fields", async () => {
    await node.client.create(SERVICES, {
      metadata: { name: "early-bird", namespace: "default" },
      spec: { ports: [{ port: 8080 }] },
    });
    const env = [
      { name: "ME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "URL", value: "http://$(EARLY_BIRD_SERVICE_HOST)/$(ME)/$$(ME)/$(NOBODY)" },
    ];
    await node.run({ containers: [{ name: "main", image: "nginx:1.27", env, args: ["$(ME)"] }] });
    await clock.advance(1000);
    const seen = runtime.environment("main");
    const ip = seen.get("EARLY_BIRD_SERVICE_HOST") ?? "";
    expect(ip).toMatch(/^10\./);
    expect(seen.get("EARLY_BIRD_PORT")).toBe(`tcp://${ip}:8080`);
    expect(seen.get("EARLY_BIRD_PORT_8080_TCP_ADDR")).toBe(ip);
    expect(seen.get("URL")).toBe(`http://${ip}/web/$(ME)/$(NOBODY)`);
  });

  it("gates readiness on the probe and restarts a container that is not alive", async () => {
    const probe = { httpGet: { port: 80, path: "/healthz" }, periodSeconds: 1, failureThreshold: 1 };
    await node.run({ containers: [{ name: "main", image: "nginx:1.27", readinessProbe: probe }] });
    await clock.advance(1000);
    const pod = await node.get();
    expect(pod.status?.conditions?.[2]).toMatchObject({
      type: "Ready",
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    expect(await node.messages()).toContain(
      'Warning Unhealthy spec.containers{main}: Readiness probe failed: Get "http://10.244.1.2:80/healthz": dial tcp 10.244.1.2:80: connect: connection refused',
    );
    const answer = (status: string) =>
      node.network.hostAt("10.244.1.2")?.listen({ port: 80 }, (connection) => {
        void connection.writer.write(new TextEncoder().encode(`HTTP/1.1 ${status}\r\n\r\n`));
      });
    const healthy = answer("200 OK");
    await clock.advance(2000);
    expect(conditionsOf(await node.get())).toContain("Ready=True");
    healthy?.close();
    answer("404 Not Found");
    await clock.advance(2000);
    expect(conditionsOf(await node.get())).toContain("Ready=False ContainersNotReady");
    expect(await node.messages()).toContain(
      "Warning Unhealthy spec.containers{main}: Readiness probe failed: HTTP probe failed with statuscode: 404",
    );
  });

  it("restarts a container whose liveness probe fails", async () => {
    const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 2 };
    await node.run({ containers: [{ name: "main", image: "nginx:1.27", livenessProbe }] });
    await clock.advance(3000);
    expect((await node.get()).status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(await node.messages()).toContain(
      "Normal Killing spec.containers{main}: Container main failed liveness probe, will be restarted",
    );
  });

  it("replaces a container whose image changes", async () => {
    await node.run();
    await clock.advance(1000);
    const body = { spec: { containers: [{ name: "main", image: "nginx:1.26" }] } };
    await node.client.patch(PODS, { namespace: "default", name: "web" }, { type: "strategic", body });
    await clock.advance(2000);
    expect((await node.get()).status?.containerStatuses?.[0]).toMatchObject({
      image: "docker.io/library/nginx:1.26",
      restartCount: 1,
    });
    expect(await node.messages()).toContain(
      "Normal Killing spec.containers{main}: Container main definition changed, will be restarted",
    );
  });

  it("answers for logs as a kubelet does", async () => {
    runtime.script("talk", { output: "one\ntwo\nthree\n" });
    await node.run({ containers: [{ name: "main", image: "busybox:1.36", command: ["talk"] }] });
    await clock.advance(1000);
    const target = { namespace: "default", name: "web", uid: (await node.get()).metadata.uid, container: "main" };
    const log = async (options: object) =>
      new TextDecoder().decode(await readAll(await node.kubelet.nodeApi.logs(target, options)));
    expect(await log({})).toBe("one\ntwo\nthree\n");
    expect(await log({ tailLines: 1 })).toBe("three\n");
    expect(await log({ tailLines: 0 })).toBe("");
    expect(await log({ limitBytes: 5 })).toBe("one\nt");
    expect(await log({ timestamps: true, tailLines: 1 })).toMatch(/^2026-01-01T00:00:00\.\d{9}Z three\n$/);
    expect(await log({ since: clock.now() })).toBe("");
    await expect(log({ previous: true })).rejects.toThrow(
      'previous terminated container "main" in pod "web" not found',
    );
    await expect(
      node.kubelet.nodeApi.exec(
        { ...target, container: "x" },
        { command: ["ls"], stdin: false, stdout: true, stderr: true, tty: false },
      ),
    ).rejects.toThrow('container not found ("x")');
    // The ids are the runtime's; what is around them is containerd's.
    await expect(node.kubelet.nodeApi.portForward(target, 81)).rejects.toThrow(
      /^error forwarding port 81 to pod (\S+), uid : failed to execute portforward in network namespace "\/var\/run\/netns\/cni-\S+": failed to connect to localhost:81 inside namespace "\1", IPv4: dial tcp4 127\.0\.0\.1:81: connect: connection refused IPv6 dial tcp6 \[::1\]:81: connect: connection refused$/,
    );
  });
});
