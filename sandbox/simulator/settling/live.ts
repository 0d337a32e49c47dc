import { FakeClock } from "../clock";
import { createCluster } from "../cluster";
import { unsettled } from "./invariants";
import type { Operation } from "./operations";
import { Operator } from "./perform";
import { Watchman } from "./watchman";
import { prepare } from "./workloads";

/** A sync that failed may wait a quarter of an hour for its next turn, a crashed container five minutes for its restart. */
const SETTLING_MS = 1_500_000;
const QUIET_MS = 1_200_000;
const MOST_WRITES = 5_000;

/**
 * One life of a cluster: whatever `script` says is done to it, then it is left alone. Throws with what was ever wrong,
 * with what is wrong in the end, and when it does not come to rest.
 */
export async function live(seed: number, script: readonly Operation[]): Promise<void> {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const onError = (...failure: unknown[]) => void failures.push(failure);
  const cluster = await createCluster({ clock, seed, addons: ["local-path"], certificate: "CA", onError });
  const watchman = new Watchman(cluster);
  try {
    await cluster.settle(1000);
    await prepare(cluster.client());
    const operator = new Operator(cluster);
    for (const operation of script) {
      await operator.perform(operation);
      await cluster.settle(operation.do === "wait" ? operation.ms : 0);
      watchman.report();
    }
    await operator.calm();
    watchman.takeWrites();
    await cluster.settle(SETTLING_MS);
    watchman.report();
    requireFew(watchman.takeWrites(), MOST_WRITES);
    const complaints = await unsettled(cluster);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    await cluster.settle(QUIET_MS);
    requireFew(watchman.takeWrites(), 0);
    if (failures.length > 0) throw new Error(`a component failed: ${failures.map(String).join("; ")}`);
  } finally {
    watchman.stop();
    await cluster.stop();
  }
}

function requireFew(writes: ReadonlyMap<string, number>, most: number): void {
  const sum = [...writes.values()].reduce((total, count) => total + count, 0);
  if (sum > most) throw new Error(`${sum} writes: ${JSON.stringify([...writes])}`);
}
