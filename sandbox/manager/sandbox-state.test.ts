import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Driver, SandboxState } from "../protocol/sandbox-view";
import { admission, startable } from "./admission";
import { advance, DEADLINE_MS, DEADLINES, isActive, overdue, type SandboxEvent } from "./sandbox-state";

const NOW = new Date("2026-01-01T00:00:00.000Z");
const queued: SandboxState = { phase: "queued", since: NOW.toISOString(), position: 1 };
const follow = (...events: SandboxEvent[]): SandboxState =>
  events.reduce<SandboxState>((state, event) => advance(state, event, NOW) ?? state, queued);

describe("a sandbox's state", () => {
  it("goes from queued to stopped, with the steps of its start between", () => {
    const started = follow({ type: "admitted" }, { type: "step", step: "workstation", done: ["cluster"] });
    expect(started).toMatchObject({ phase: "starting", step: "workstation", done: ["cluster"] });
    const ready = follow({ type: "admitted" }, { type: "ready" });
    expect(ready.phase).toBe("ready");
    expect(
      follow({ type: "admitted" }, { type: "ready" }, { type: "stop", reason: "idle" }, { type: "gone" }),
    ).toMatchObject({
      phase: "stopped",
      reason: "idle",
    });
  });

  it("keeps the first reason and what went wrong", () => {
    const stop: SandboxEvent = { type: "stop", reason: "cluster-failed", cause: "no room" };
    const state = follow(
      { type: "admitted" },
      stop,
      { type: "stop", reason: "idle" },
      { type: "gone", reason: "orphaned" },
    );
    expect(state).toMatchObject({ phase: "stopped", reason: "cluster-failed", cause: "no room" });
  });

  it("does not become ready after it was told to stop", () => {
    const stopping = follow({ type: "admitted" }, { type: "stop", reason: "learner" });
    expect(advance(stopping, { type: "ready" }, NOW)).toBeUndefined();
  });

  it("never goes back, whatever happens in whatever order", () => {
    const event = fc.constantFrom<SandboxEvent>(
      { type: "queued-behind", position: 2 },
      { type: "admitted" },
      { type: "step", step: "shell", done: [] },
      { type: "ready" },
      { type: "stop", reason: "idle" },
      { type: "gone" },
    );
    const order = ["queued", "starting", "ready", "stopping", "stopped"];
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state: SandboxState = queued;
        for (const one of events) {
          const next: SandboxState = advance(state, one, NOW) ?? state;
          expect(order.indexOf(next.phase)).toBeGreaterThanOrEqual(order.indexOf(state.phase));
          state = next;
        }
      }),
    );
  });

  it.each<[SandboxState, SandboxEvent | undefined]>([
    [queued, { type: "stop", reason: "queue-timeout" }],
    [follow({ type: "admitted" }), { type: "stop", reason: "start-timeout", cause: "cluster" }],
    [follow({ type: "admitted" }, { type: "ready" }), undefined],
    [follow({ type: "stop", reason: "idle" }), { type: "gone" }],
    [follow({ type: "gone" }), undefined],
  ])("has a deadline: $phase", (state, expected) => {
    const deadline =
      state.phase in DEADLINE_MS ? Math.max(DEADLINE_MS.queued, DEADLINE_MS.starting, DEADLINE_MS.stopping) : 1e9;
    expect(overdue(state, NOW)).toBeUndefined();
    expect(overdue(state, new Date(NOW.getTime() + deadline + 1))).toEqual(expected);
  });

  it("gives real clusters their time", () => {
    const later = new Date(NOW.getTime() + DEADLINES.kind.starting - 1);
    const starting = follow({ type: "admitted" });
    expect(overdue(starting, later, "kind")).toBeUndefined();
    expect(overdue(starting, later)).toMatchObject({ reason: "start-timeout" });
  });

  it("is active until it is told to stop", () => {
    expect(isActive(queued)).toBe(true);
    expect(isActive(follow({ type: "stop", reason: "idle" }))).toBe(false);
  });
});

describe("admission", () => {
  const limits = { maxSandboxes: 3, maxQueue: 1, perAddress: 2, idleMs: 1, lifetimeMs: 1 };
  const at = (address: string, phase: SandboxState["phase"] = "ready") => ({
    address,
    phase,
    driver: "simulated" as Driver,
  });

  it.each([
    ["is free while there is room", [at("a"), at("b")], "start"],
    ["limits an address", [at("x"), at("x", "queued")], "address-limit"],
    ["does not count what an address is done with", [at("x"), at("x", "stopping")], "start"],
    ["queues when all places are taken", [at("a"), at("b"), at("c", "stopping")], "queue"],
    ["lets nobody pass those who wait", [at("a"), at("b", "queued")], "queue-full"],
    ["refuses when the queue is full", [at("a"), at("b"), at("c"), at("d", "queued")], "queue-full"],
    ["forgets what has stopped", [at("x", "stopped"), at("x", "stopped"), at("x", "stopped")], "start"],
  ])("%s", (_name, others, expected) => {
    expect(admission(others, { address: "x", driver: "simulated" }, limits)).toBe(expected);
  });

  describe("of clusters that take the room of several", () => {
    const roomy = { ...limits, maxSandboxes: 5, maxQueue: 9, places: { kind: 3 } };
    const held = (phase: SandboxState["phase"], driver: Driver) => ({ address: "a", phase, driver });

    it("counts what each takes", () => {
      const kind = { address: "x", driver: "kind" as const };
      expect(admission([held("ready", "simulated"), held("ready", "simulated")], kind, roomy)).toBe("start");
      expect(admission([held("ready", "kind")], kind, roomy)).toBe("queue");
      expect(admission([held("ready", "kind")], { address: "x", driver: "existing" }, roomy)).toBe("start");
    });

    it("lets in those who wait in their order, the large one before the small one behind it", () => {
      const waiting = [held("queued", "kind"), held("queued", "simulated")];
      expect(startable([held("stopping", "kind"), ...waiting], roomy)).toBe(0);
      expect(startable([held("ready", "simulated"), ...waiting], roomy)).toBe(2);
    });

    it("lets one run alone that takes more than there is", () => {
      expect(startable([held("queued", "kind"), held("queued", "simulated")], { ...roomy, maxSandboxes: 2 })).toBe(1);
    });
  });
});
