import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { PodSpec } from "../api/generated/kubernetes";
import { EVENTS, PODS } from "../client/resources";
import { FakeClock } from "../clock";
import { createCluster, type Cluster } from "../cluster";
import { loadImages } from "../serve/images";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await createCluster({ clock: new FakeClock(), seed: 1, certificate: "CA", images: loadImages() });
  await cluster.settle(2000);
});
afterAll(() => cluster.stop());

/** Runs a pod for some seconds, and gives its status then and its events. */
async function run(name: string, spec: Partial<PodSpec>, ms = 3000) {
  const client = cluster.client();
  const containers = [{ name: "main", image: "busybox:1.36", ...spec.containers?.[0] }];
  await client.create(PODS, { metadata: { namespace: "default", name }, spec: { ...spec, containers } });
  await cluster.settle(ms);
  const { status } = await client.get(PODS, { namespace: "default", name });
  return { status, events: () => eventsOf(name) };
}

/** Second by second: programs in containers take real time to start, of which the cluster's clock knows nothing. */
function eventually(check: () => Promise<void>): Promise<void> {
  const look = async (): Promise<void> => {
    await cluster.settle(1000);
    await check();
  };
  return vi.waitFor(look, { timeout: 15_000, interval: 20 });
}

async function eventsOf(name: string): Promise<string[]> {
  const { items } = await cluster.client().list(EVENTS, "default", { fieldSelector: `involvedObject.name=${name}` });
  return items.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
}

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const TELL = ["sh", "-c", `stat -L -c '%a %u %g' ${TOKEN} > /dev/termination-log`];

it.each<[string, Partial<PodSpec>, string]>([
  ["anybody", {}, "644 0 0"],
  ["one-user", { securityContext: { runAsUser: 1000 } }, "600 1000 0"],
  ["one-group", { securityContext: { fsGroup: 2000 } }, "640 0 2000"],
])("lets a token be read by whom it is for: %s", async (name, spec, mode) => {
  const containers = [{ name: "main", image: "busybox:1.36", command: TELL, resources: {} }];
  const { status } = await run(name, { ...spec, restartPolicy: "Never", containers });
  expect(status?.containerStatuses?.[0]?.state?.terminated?.message?.trim()).toBe(mode);
});

it("gives a container whose postStart hook fails the time that any other gets to end", async () => {
  const lifecycle = { postStart: { exec: { command: ["nosuch"] } } };
  // As number 1 of its container it does not heed SIGTERM.
  const containers = [{ name: "main", image: "busybox:1.36", command: ["sleep", "100"], lifecycle }];
  const { events } = await run("hooked", { containers, terminationGracePeriodSeconds: 4 });
  const lastRun = async () => {
    const { status } = await cluster.client().get(PODS, { namespace: "default", name: "hooked" });
    return status?.containerStatuses?.[0]?.lastState?.terminated;
  };
  expect(await lastRun()).toBeUndefined();
  await cluster.settle(9000);
  expect(await lastRun()).toMatchObject({ exitCode: 137, reason: "Error" });
  expect(await events()).toEqual(
    expect.arrayContaining([
      "Warning FailedPostStartHook: PostStartHook failed",
      "Normal Killing: FailedPostStartHook",
      expect.stringMatching(/^Warning BackOff: Back-off restarting failed container main in pod hooked_default/),
    ]),
  );
});

it("evicts a pod whose output fills its share of the disk", async () => {
  const command = ["sh", "-c", "yes | head -c 30000; sleep 100"];
  const resources = { limits: { "ephemeral-storage": "100Ki" } };
  const containers = [{ name: "main", image: "busybox:1.36", command, resources }];
  const { status } = await run("loud", { containers }, 15_000);
  expect(status).toMatchObject({
    phase: "Failed",
    reason: "Evicted",
    message: "Pod ephemeral local storage usage exceeds the total limit of containers 100Ki. ",
  });
});

const AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53";

it.each<[string, readonly string[], string | undefined, string]>([
  ["well", [], undefined, ""],
  ["unwell", ["--delay-unhealthy-sec=0"], undefined, 'service unhealthy (responded with "NOT_SERVING")'],
  ["other", ["--service=a"], "b", "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service"],
])("asks by gRPC whether a program is well: %s", async (name, args, service, fault) => {
  const readinessProbe = { periodSeconds: 1, grpc: { port: 5000, service } };
  const containers = [{ name: "main", image: AGNHOST, args: ["grpc-health-checking", ...args], readinessProbe }];
  const { events } = await run(name, { containers });
  await eventually(async () => {
    const { status } = await cluster.client().get(PODS, { namespace: "default", name });
    expect(status?.containerStatuses?.[0]?.ready).toBe(fault === "");
    if (fault !== "") expect(await events()).toContain(`Warning Unhealthy: Readiness probe failed: ${fault}`);
  });
});

it.each<[string, object, (address: string) => string]>([
  [
    "gRPC",
    { grpc: { port: 80 } },
    (address) => `timeout: failed to connect service "${address}:80" within 1s: context deadline exceeded`,
  ],
  [
    "TLS",
    { httpGet: { scheme: "HTTPS", port: 80 } },
    (address) => `Get "https://${address}:80/": http: server gave HTTP response to HTTPS client`,
  ],
])("does not take a plain web server for one that speaks %s", async (protocol, action, fault) => {
  const containers = [{ name: "main", image: "nginx:1.27", readinessProbe: { periodSeconds: 1, ...action } }];
  const { status, events } = await run(`plain-${protocol.toLowerCase()}`, { containers });
  const complaint = `Warning Unhealthy: Readiness probe failed: ${fault(status?.podIP ?? "")}`;
  await eventually(async () => expect(await events()).toContain(complaint));
});
