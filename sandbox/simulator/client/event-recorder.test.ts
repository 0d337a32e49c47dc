import { beforeEach, describe, expect, it } from "vitest";
import { createApiServer } from "../apiserver/api-server";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { ActionEventRecorder } from "./action-event-recorder";
import { CountingEventRecorder } from "./event-recorder";
import { InProcessClient } from "./in-process-client";
import { EVENTS, NAMESPACES } from "./resources";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "1-2", resourceVersion: "7" },
};

describe("event recorders", () => {
  let clock: FakeClock;
  let client: InProcessClient;
  const events = async () => (await client.list(EVENTS, "default")).items;

  beforeEach(async () => {
    clock = new FakeClock();
    const server = createApiServer({ clock, random: new SeededRandom(1) });
    client = new InProcessClient(server.handler, { username: "admin", groups: ["system:masters"] }, "test");
    await client.create(NAMESPACES, { metadata: { name: "default" } });
  });

  it("count the same event instead of writing it again", async () => {
    const recorder = new CountingEventRecorder({ client, clock, component: "kubelet", host: "kind-worker" });
    recorder.event({ ...POD, fieldPath: "spec.containers{web}" }, "Warning", "BackOff", "Back-off restarting");
    await clock.advance(10_000);
    recorder.event({ ...POD, fieldPath: "spec.containers{web}" }, "Warning", "BackOff", "Back-off restarting");
    await recorder.flushed();
    expect(await events()).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
        involvedObject: { kind: "Pod", name: "web", fieldPath: "spec.containers{web}" },
        source: { component: "kubelet", host: "kind-worker" },
        reportingComponent: "kubelet",
        reportingInstance: "kind-worker",
        count: 2,
        firstTimestamp: "2026-01-01T00:00:00Z",
        lastTimestamp: "2026-01-01T00:00:10Z",
      },
    ]);
  });

  it("write an event anew when someone deleted it", async () => {
    const recorder = new CountingEventRecorder({ client, clock, component: "kubelet" });
    recorder.event(POD, "Normal", "Pulled", "there");
    await recorder.flushed();
    await client.deleteCollection(EVENTS, "default");
    recorder.event(POD, "Normal", "Pulled", "there");
    await recorder.flushed();
    expect((await events()).map(({ count }) => count)).toEqual([1]);
  });

  it("combine many like events about one object, and cut a flood short", async () => {
    const recorder = new CountingEventRecorder({ client, clock, component: "replicaset-controller" });
    for (let index = 0; index < 40; index++)
      recorder.event(POD, "Normal", "SuccessfulCreate", `Created pod: web-${index}`);
    await recorder.flushed();
    const written = await events();
    expect(written).toHaveLength(10);
    const combined = written.find(({ message }) => message?.startsWith("(combined from similar events): "));
    // 25 may come in a burst; nine stood alone.
    expect(combined?.count).toBe(16);
  });

  it("keep a series for what the scheduler says again about the same revision", async () => {
    const recorder = new ActionEventRecorder({
      client,
      clock,
      component: "default-scheduler",
      host: "kind-control-plane",
    });
    recorder.event(POD, "Warning", "FailedScheduling", "Scheduling", "0/3 nodes are available");
    recorder.event(POD, "Warning", "FailedScheduling", "Scheduling", "0/3 nodes are available");
    await recorder.flushed();
    expect(await events()).toMatchObject([
      {
        action: "Scheduling",
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingComponent: "default-scheduler",
        reportingInstance: "default-scheduler-kind-control-plane",
        series: { count: 2 },
      },
    ]);
  });
});
