import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpenSockets } from "./open-sockets";

let living: Set<string>;
let asked: number;
let fault: Error | undefined;
let told: unknown[];
let sockets: OpenSockets;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  living = new Set(["ann", "bob"]);
  asked = 0;
  fault = undefined;
  told = [];
  sockets = new OpenSockets({
    livingSessions: (ids) => {
      asked++;
      if (fault) return Promise.reject(fault);
      return Promise.resolve(new Set(ids.filter((id) => living.has(id))));
    },
    onUnknown: (error) => told.push(error),
  });
});
afterEach(() => void vi.useRealTimers());

function socketOf(sessionId?: string): PassThrough {
  const socket = new PassThrough();
  sockets.add(socket, sessionId);
  return socket;
}

describe("open sockets", () => {
  it("are closed within a second of their session's end, and no others", async () => {
    const [ann, again, bob, watcher] = [socketOf("ann"), socketOf("ann"), socketOf("bob"), socketOf()];
    await vi.advanceTimersByTimeAsync(10_000);
    expect([ann, again, bob, watcher].map(({ destroyed }) => destroyed)).toEqual([false, false, false, false]);
    living.delete("ann");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([ann, again, bob, watcher].map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
  });

  it("stay while nobody can say whose session lives", async () => {
    const ann = socketOf("ann");
    living.delete("ann");
    fault = new Error("no database");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ann.destroyed).toBe(false);
    expect(told).toContain(fault);
    fault = undefined;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ann.destroyed).toBe(true);
  });

  it("are not asked about when there are none", async () => {
    const ann = socketOf("ann");
    socketOf();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toBe(1);
    ann.destroy();
    await vi.advanceTimersByTimeAsync(10);
    const before = asked;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(before);
  });

  it("are all ended at once when the site ends", () => {
    const all = [socketOf("ann"), socketOf()];
    sockets.close();
    expect(all.every(({ destroyed }) => destroyed)).toBe(true);
  });
});
