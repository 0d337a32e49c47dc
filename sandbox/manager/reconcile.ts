import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../protocol/codes";
import type { SandboxParts } from "./sandbox-life";

const PAUSE_MS = 250;
const PATIENCE_MS = 60_000;

/** Ids of the sandboxes that have a cluster; a host that is just coming back is waited for. */
export async function presentClusters({ clusters }: Pick<SandboxParts, "clusters">): Promise<ReadonlySet<string>> {
  const began = performance.now();
  for (;;) {
    try {
      return new Set((await clusters.list()).map(({ sandboxId }) => sandboxId));
    } catch (error) {
      const passes = error instanceof SandboxError && error.code === "peer-unreachable";
      if (!passes || performance.now() - began > PATIENCE_MS) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/** Removes what is of this instance and belongs to no sandbox that is known: what a manager left that was killed. */
export async function removeStrays(
  parts: SandboxParts,
  isKnown: (sandboxId: string) => boolean,
  log: (event: string, fields: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const [terminals, workstations, clusters] = await Promise.all([
    parts.terminals.list(),
    parts.workstation.list(),
    parts.clusters.list(),
  ]);
  const removals = [
    ...terminals.filter(({ id }) => !isKnown(id.split(".")[0] ?? "")).map(({ id }) => parts.terminals.remove(id)),
    ...workstations
      .filter(({ sandboxId }) => !isKnown(sandboxId))
      .map(({ sandboxId }) => parts.workstation.remove(sandboxId)),
    ...clusters.filter(({ sandboxId }) => !isKnown(sandboxId)).map(({ sandboxId }) => parts.clusters.remove(sandboxId)),
  ];
  for (const result of await Promise.allSettled(removals)) {
    if (result.status === "rejected") log("stray not removed", { err: result.reason as unknown });
  }
  if (removals.length > 0) log("strays removed", { count: removals.length });
}
