import type { SandboxPhase } from "../protocol/sandbox-view";
import type { SandboxLimits } from "./config";

/** Whether one more sandbox may be made now: by those that are there, whatever becomes of them. */
export function admission(
  others: readonly { address: string; phase: SandboxPhase }[],
  address: string,
  limits: SandboxLimits,
): "start" | "queue" | "address-limit" | "queue-full" {
  const present = others.filter((other) => other.phase !== "stopped");
  // One that is on its way out still takes memory, but is no longer its learner's doing.
  const fromAddress = present.filter((other) => other.phase !== "stopping" && other.address === address);
  if (fromAddress.length >= limits.perAddress) return "address-limit";
  const queued = present.filter((other) => other.phase === "queued").length;
  if (queued === 0 && present.length < limits.maxSandboxes) return "start";
  return queued < limits.maxQueue ? "queue" : "queue-full";
}

/** How many of those that wait may start now: others hold their place until they have stopped. */
export function places(phases: readonly SandboxPhase[], maxSandboxes: number): number {
  const held = phases.filter((phase) => phase !== "queued" && phase !== "stopped").length;
  return Math.max(0, maxSandboxes - held);
}
