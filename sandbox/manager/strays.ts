import type { SandboxParts } from "./sandbox-life";

/** Removes what is of this instance and belongs to no sandbox that is known: what a manager left that was killed. */
export async function removeStrays(
  parts: SandboxParts,
  clusters: ReadonlySet<string>,
  isKnown: (sandboxId: string) => boolean,
  log: (event: string, fields: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const terminals = (await parts.terminals.list()).map(({ id }) => id);
  const workstations = (await parts.workstation.list()).map(({ sandboxId }) => sandboxId);
  const removals = [
    ...terminals.filter((id) => !isKnown(id.split(".")[0] ?? "")).map((id) => parts.terminals.remove(id)),
    ...workstations.filter((id) => !isKnown(id)).map((id) => parts.workstation.remove(id)),
    ...[...clusters].filter((id) => !isKnown(id)).map((id) => parts.clusters.remove(id)),
  ];
  for (const result of await Promise.allSettled(removals)) {
    if (result.status === "rejected") log("stray not removed", { err: result.reason as unknown });
  }
  if (removals.length > 0) log("strays removed", { count: removals.length });
}
