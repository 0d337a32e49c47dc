import { expect, it } from "vitest";
import { inTurn } from "./in-turn";

it("does what there is to do in order, so many at a time, and stops after a fault", async () => {
  const begun: number[] = [];
  let working = 0;
  let most = 0;
  const work = async (item: number): Promise<void> => {
    begun.push(item);
    most = Math.max(most, ++working);
    await Promise.resolve();
    working--;
    if (item === 4) throw new Error("four");
  };
  await inTurn([1, 2, 3], 2, work);
  expect([begun, most]).toEqual([[1, 2, 3], 2]);
  await expect(inTurn([4, 5, 6, 7], 2, work)).rejects.toThrow("four");
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});
