import fc from "fast-check";
import { expect, it } from "vitest";
import { FakeClock } from "../clock";
import { createCluster } from "../cluster";
import { checkAlways, checkSettled } from "./invariants";
import { operations, perform, prepare, type Operation } from "./operations";

/** `npm run settling` does the whole of it; every test run a part. The seed that fails is printed and can be given. */
const runs = Number(process.env["SLIPWAY_SETTLING_RUNS"] ?? 5);
const length = Number(process.env["SLIPWAY_SETTLING_OPERATIONS"] ?? 25);
const seed = Number(process.env["SLIPWAY_SETTLING_SEED"] ?? Date.now() % 2 ** 31);

it(
  `settles after whatever is done to it, its invariants kept (seed ${seed}, ${runs} runs)`,
  async () => {
    const script = fc.array(operations, { minLength: length, maxLength: length });
    await fc.assert(fc.asyncProperty(fc.nat(1000), script, live), { seed, numRuns: runs, endOnFailure: runs > 50 });
  },
  runs * length * 2000 + 60_000,
);

async function live(clusterSeed: number, script: readonly Operation[]): Promise<void> {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const onError = (...failure: unknown[]) => void failures.push(failure);
  const cluster = await createCluster({ clock, seed: clusterSeed, certificate: "CA", onError });
  try {
    await cluster.settle(1000);
    const client = cluster.client();
    await prepare(client);
    for (const operation of script) {
      await perform(client, operation);
      await cluster.settle(operation.do === "wait" ? operation.ms : 0);
      await checkAlways(client);
    }
    await calm(client);
    await cluster.settle(45_000);
    await checkSettled(client);
    expect(failures).toEqual([]);
  } finally {
    await cluster.stop();
  }
}

/** What would go on for ever is stopped, so that there is an end to wait for. */
async function calm(client: Parameters<typeof prepare>[0]): Promise<void> {
  for (const name of ["a", "b"]) await perform(client, { do: "scale", kind: "cronjob", name, replicas: 0 });
}
