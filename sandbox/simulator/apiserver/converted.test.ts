import { describe, expect, it } from "vitest";
import type {
  Event,
  EventsEvent,
  HorizontalPodAutoscaler,
  V2HorizontalPodAutoscaler,
} from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { ApiRequest } from "../api/request";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const USER = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] };

async function freshServer() {
  const { handler } = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const send = async <T extends KubeObject>(
    request: Pick<ApiRequest, "verb" | "group" | "version" | "resource"> & Partial<ApiRequest>,
  ) => (await handler.handle({ namespace: "default", user: USER, options: {}, ...request })).object as T;
  const namespaces = { group: "", version: "v1", resource: "namespaces", namespace: undefined };
  await send({ verb: "create", ...namespaces, body: { metadata: { name: "default" } } });
  return { send };
}

const CORE = { group: "", version: "v1", resource: "events" };
const NEW = { group: "events.k8s.io", version: "v1", resource: "events" };

describe("collections served in two forms", () => {
  it("keeps one set of events under both names", async () => {
    const { send } = await freshServer();
    const body: Event = {
      metadata: { name: "e" },
      involvedObject: { kind: "Pod", name: "web" },
      reason: "Started",
      message: "up",
      count: 2,
    };
    await send({ verb: "create", ...CORE, body });
    const served = await send<EventsEvent>({ verb: "get", ...NEW, name: "e" });
    expect(served).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      regarding: { kind: "Pod", name: "web" },
      note: "up",
      deprecatedCount: 2,
    });
    const list = await send<KubeObject & { items: EventsEvent[] }>({ verb: "list", ...NEW });
    expect([list.apiVersion, list.items[0]?.note]).toEqual(["events.k8s.io/v1", "up"]);
    await send({ verb: "patch", ...NEW, name: "e", patchType: "merge", body: { note: "changed" } });
    expect((await send<Event>({ verb: "get", ...CORE, name: "e" })).message).toBe("changed");
  });

  it("shows autoscaling v1's one target among v2's metrics", async () => {
    const { send } = await freshServer();
    const v1 = { group: "autoscaling", version: "v1", resource: "horizontalpodautoscalers" };
    const body: HorizontalPodAutoscaler = {
      metadata: { name: "web" },
      spec: { maxReplicas: 5, scaleTargetRef: { kind: "Deployment", name: "web" }, targetCPUUtilizationPercentage: 80 },
    };
    await send({ verb: "create", ...v1, body });
    const stored = await send<V2HorizontalPodAutoscaler>({ verb: "get", ...v1, version: "v2", name: "web" });
    expect(stored.spec).toMatchObject({
      minReplicas: 1,
      metrics: [{ resource: { name: "cpu", target: { averageUtilization: 80 } } }],
    });
    const served = await send<HorizontalPodAutoscaler>({ verb: "get", ...v1, name: "web" });
    expect(served).toMatchObject({ apiVersion: "autoscaling/v1", spec: { targetCPUUtilizationPercentage: 80 } });
  });
});
