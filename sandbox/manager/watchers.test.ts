import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Watchers } from "./watchers";

const NOW = 1_000_000;
let counts: string[];
let watchers: Watchers;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  counts = [];
  watchers = new Watchers({ noteWatchers: (id, count) => counts.push(`${id}:${count}`) }, Date.now);
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(sandboxId: string, share: string, until = NOW + 60_000): PassThrough {
  const socket = new PassThrough();
  watchers.add(sandboxId, share, socket, new Date(until));
  return socket;
}

/** Streams tell that they are closed a moment later. */
async function closed(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

it("tells how many watch a sandbox, as they come and go", async () => {
  const one = watch("a", "link");
  watch("a", "link");
  watch("b", "other");
  one.destroy();
  await closed();
  expect(counts).toEqual(["a:1", "a:2", "b:1", "a:1"]);
});

it("lets go whoever came by a link that is ended, and nobody else", async () => {
  const [ended, other, elsewhere] = [watch("a", "link"), watch("a", "other"), watch("b", "link")];
  watchers.end("a", "link");
  watchers.end("c", "link");
  await closed();
  expect([ended, other, elsewhere].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(counts.at(-1)).toBe("a:1");
});

it("lets everybody go when the link's time is over, also one that came too late", async () => {
  const [timely, late] = [watch("a", "link", NOW + 5_000), watch("a", "link", NOW - 1)];
  await closed();
  expect([timely.destroyed, late.destroyed]).toEqual([false, true]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(timely.destroyed).toBe(true);
  expect(counts.at(-1)).toBe("a:0");
});
