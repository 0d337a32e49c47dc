import fc from "fast-check";
import { it } from "vitest";
import { live } from "./live";
import { operations } from "./operations";

/** `npm run settling` does the whole of it; every test run a part. The seed that fails is printed and can be given. */
const runs = Number(process.env["SLIPWAY_SETTLING_RUNS"] ?? 8);
const length = Number(process.env["SLIPWAY_SETTLING_OPERATIONS"] ?? 100);
const seed = Number(process.env["SLIPWAY_SETTLING_SEED"] ?? Date.now() % 2 ** 31);

it(
  `settles after whatever is done to it, its invariants kept (seed ${seed}, ${runs} runs)`,
  async () => {
    const script = fc.array(operations, { minLength: length, maxLength: length });
    await fc.assert(fc.asyncProperty(fc.nat(1000), script, live), { seed, numRuns: runs, endOnFailure: true });
  },
  runs * length * 2000 + 60_000,
);
