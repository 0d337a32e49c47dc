import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StartCluster } from "../host/running-cluster";

/**
 * Makes one cluster and ends it, so that what every cluster has in common is loaded and compiled before the first
 * learner waits for it. `folder` is where sockets may be made.
 */
export async function warmUp(startCluster: StartCluster, folder: string): Promise<void> {
  const socketPath = join(mkdtempSync(join(folder, "warm-")), "api.sock");
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
    rmSync(dirname(socketPath), { recursive: true, force: true });
  }
}
