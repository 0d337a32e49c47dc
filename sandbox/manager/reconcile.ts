import type { SandboxParts } from "./sandbox-life";

/** What there is on this machine, whoever knows of it: ids of sandboxes. */
export interface PresentParts {
  readonly clusters: ReadonlySet<string>;
  readonly workstations: ReadonlySet<string>;
}

export async function presentParts(parts: SandboxParts): Promise<PresentParts> {
  const [clusters, workstations] = await Promise.all([parts.clusters.list(), parts.workstation.list()]);
  return {
    clusters: new Set(clusters.map(({ sandboxId }) => sandboxId)),
    workstations: new Set(workstations.filter(({ phase }) => phase === "running").map(({ sandboxId }) => sandboxId)),
  };
}

/** A sandbox can go on when it still has all that cannot be made anew; a shell can. */
export function isWhole(sandboxId: string, { clusters, workstations }: PresentParts): boolean {
  return clusters.has(sandboxId) && workstations.has(sandboxId);
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
