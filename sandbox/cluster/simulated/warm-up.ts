import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StartCluster } from "../host/running-cluster";

/**
 * Makes one cluster and ends it, so that what every cluster has in common is loaded and compiled before the first
 * learner waits for it. `folder` is for this alone: it is made, and gone afterwards.
 */
export async function warmUp(startCluster: StartCluster, folder: string): Promise<void> {
  const socketPath = join(folder, "api.sock");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const checks = { version: 1 as const, checks: [] };
    const spec = {
      sandboxId: randomUUID(),
      socketPath,
      loopback: false,
      checks,
      addons: [],
      faults: [],
      startObjects: [],
    };
    const cluster = await startCluster(spec, { onWrite: () => {}, onStep: () => {} });
    await cluster.ready;
    await cluster.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
