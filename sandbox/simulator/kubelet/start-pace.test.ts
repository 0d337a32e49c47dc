import { expect, it } from "vitest";
import { FakeClock } from "../clock";
import { StartPace } from "./start-pace";

it("lets a start that is alone have its time, and makes those side by side wait for each other", async () => {
  const clock = new FakeClock();
  const begin = clock.now();
  const pace = new StartPace(clock);
  const ended: Record<string, number> = {};
  const work = (name: string, ms: number) => pace.work(ms).then(() => (ended[name] = clock.now() - begin));
  const first = work("first", 100);
  await clock.advance(50);
  const second = work("second", 100);
  await clock.advance(100);
  await first;
  await clock.advance(50);
  await second;
  await Promise.all([work("third", 100), clock.advance(100)]);
  // The first is half done when the second comes; the second has half its work left when the first is done.
  expect(ended).toEqual({ first: 150, second: 200, third: 300 });
});
