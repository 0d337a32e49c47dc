import { expect, it } from "vitest";
import { Core, SHARED_PROCESS } from "./core";

/** Works until told to stop; how often it got to do something. */
function busy(core: Core, signal: AbortSignal): { steps: number; ended: Promise<void> } {
  const work = { steps: 0, ended: Promise.resolve() };
  work.ended = (async () => {
    while (!signal.aborted) {
      await core.step();
      work.steps++;
    }
  })();
  return work;
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

it("lets the event loop turn while any number of programs never stop", async () => {
  const core = new Core();
  const end = new AbortController();
  const all = Array.from({ length: 120 }, () => busy(core, end.signal));
  for (let turn = 0; turn < 200; turn++) await turnOfTheLoop();
  end.abort();
  await Promise.all(all.map(({ ended }) => ended));
  // Nobody was left out.
  expect(all.every(({ steps }) => steps > 0)).toBe(true);
});

it("asks for more pauses than work from who never stops", async () => {
  const core = new Core(SHARED_PROCESS);
  const end = new AbortController();
  const work = busy(core, end.signal);
  const before = process.cpuUsage();
  const began = performance.now();
  while (performance.now() - began < 1500) await new Promise((resolve) => setTimeout(resolve, 50));
  const used = process.cpuUsage(before);
  const share = (used.user + used.system) / 1000 / (performance.now() - began);
  end.abort();
  await work.ended;
  expect(share).toBeLessThan(0.6);
});

it("lets one that waits now and then work at once", async () => {
  const core = new Core();
  for (let turn = 0; turn < 20; turn++) {
    await turnOfTheLoop();
    expect(core.step()).toBeUndefined();
  }
});

it("goes on with those that wait when the ones before them do nothing more", async () => {
  const core = new Core();
  // Over a turn's time, so that all that follow have to wait.
  const began = performance.now();
  while (core.step() === undefined && performance.now() - began < 1000);
  const waiting = Array.from({ length: 300 }, () => core.step());
  expect(waiting.every((each) => each !== undefined)).toBe(true);
  for (const each of waiting) await each;
});
