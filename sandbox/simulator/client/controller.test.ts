import { expect, it } from "vitest";
import { FakeClock } from "../clock";
import { Controller } from "./controller";

it("waits longer and longer for a key that its sync asks for again, until the sync is done with it", async () => {
  const clock = new FakeClock(0);
  const syncedAt: number[] = [];
  let tries = 6;
  const controller = new Controller({
    name: "hopeful",
    clock,
    informers: [],
    sync: (key) => {
      syncedAt.push(clock.now());
      if (--tries > 0) controller.queue.addRateLimited(key);
      return Promise.resolve();
    },
  });
  controller.start();
  controller.queue.add("a");
  await clock.advance(1000);
  expect(syncedAt).toEqual([0, 5, 15, 35, 75, 155]);

  tries = 2;
  controller.queue.add("a");
  await clock.advance(1000);
  expect(syncedAt.slice(6)).toEqual([1000, 1005]);
  await controller.stop();
});
