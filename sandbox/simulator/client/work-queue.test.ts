import { describe, expect, it } from "vitest";
import { FakeClock } from "../clock";
import { WorkQueue } from "./work-queue";

describe("a work queue", () => {
  it("hands out a key once however often it was added", async () => {
    const queue = new WorkQueue(new FakeClock());
    queue.add("a");
    queue.add("b");
    queue.add("a");
    expect([await queue.get(), await queue.get()]).toEqual(["a", "b"]);
    queue.done("a");
    queue.done("b");
    expect(queue.length).toBe(0);
  });

  it("never hands a key to two workers, and hands it out again when it was added meanwhile", async () => {
    const queue = new WorkQueue(new FakeClock());
    queue.add("a");
    expect(await queue.get()).toBe("a");
    queue.add("a");
    const second = queue.get();
    let handedOut = false;
    void second.then(() => (handedOut = true));
    await Promise.resolve();
    expect(handedOut).toBe(false);
    queue.done("a");
    expect(await second).toBe("a");
  });

  it("doubles the wait of a key that fails, and forgets it on success", async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock, { baseMs: 5, maxMs: 15 });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      queue.addRateLimited("a");
      const began = clock.now();
      await clock.advance((clock.next() ?? began) - began);
      waits.push(clock.now() - began);
      expect(await queue.get()).toBe("a");
      queue.done("a");
    }
    expect(waits).toEqual([5, 10, 15, 15]);
    expect(queue.requeues("a")).toBe(4);
    queue.forget("a");
    expect(queue.requeues("a")).toBe(0);
  });

  it("keeps the earliest of several delays for a key", async () => {
    const clock = new FakeClock();
    const queue = new WorkQueue(clock);
    queue.addAfter("a", 100);
    queue.addAfter("a", 20);
    queue.addAfter("a", 50);
    await clock.advance(20);
    expect(queue.length).toBe(1);
    expect(clock.next()).toBeUndefined();
  });

  it("releases its workers when it is shut down", async () => {
    const queue = new WorkQueue(new FakeClock());
    const waiting = queue.get();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.add("late");
    expect(queue.length).toBe(0);
  });
});
