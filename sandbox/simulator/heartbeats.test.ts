import { expect, it } from "vitest";
import type { Lease } from "./api/generated/kubernetes";
import type { Stored } from "./api/object";
import { LEASES } from "./client/resources";
import { FakeClock } from "./clock";
import { createCluster } from "./cluster";
import { Heartbeats } from "./heartbeats";

const START = Date.UTC(2026, 0, 1);

function lease(namespace: string, name: string): Stored<Lease> {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { namespace, name, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { holderIdentity: name, renewTime: "2026-01-01T00:00:00.000000Z" },
  };
}

it("renews the leases of nodes that are heard of, and of the control plane, when they are looked at", () => {
  const heartbeats = new Heartbeats();
  const at = (of: Stored<Lease>, ms: number) => heartbeats.renewed(of, START + ms).spec?.renewTime;
  expect(at(lease("kube-node-lease", "kind-worker"), 9_999)).toBe("2026-01-01T00:00:00.000000Z");
  expect(at(lease("kube-node-lease", "kind-worker"), 64_000)).toBe("2026-01-01T00:01:00.000000Z");
  expect(at(lease("kube-system", "kube-scheduler"), 7_000)).toBe("2026-01-01T00:00:06.000000Z");
  heartbeats.stop("kind-worker", START + 25_000);
  expect(at(lease("kube-node-lease", "kind-worker"), 64_000)).toBe("2026-01-01T00:00:20.000000Z");
  heartbeats.resume("kind-worker");
  expect(at(lease("kube-node-lease", "kind-worker"), 64_000)).toBe("2026-01-01T00:01:00.000000Z");
});

it("shows in the API that nodes live", async () => {
  const clock = new FakeClock();
  const cluster = await createCluster({ clock, seed: 1, profile: "control-plane", certificate: "CA" });
  const began = clock.now();
  await cluster.settle(25_000);
  const key = { namespace: "kube-node-lease", name: "kind-worker" };
  const { spec } = await cluster.client().get(LEASES, key);
  expect(Date.parse(spec?.renewTime ?? "")).toBeGreaterThan(began + 10_000);
  await cluster.stop();
});

it("leaves the leases of others alone", () => {
  const own = lease("default", "leader");
  expect(new Heartbeats().renewed(own, START + 64_000)).toBe(own);
});
