import type { Driver, SandboxPhase } from "../protocol/sandbox-view";
import type { SandboxLimits } from "./config";

interface Held {
  readonly phase: SandboxPhase;
  readonly driver: Driver;
}

/** Whether one more sandbox may be made now: by those that are there, whatever becomes of them. */
export function admission(
  others: readonly (Held & { address: string })[],
  wanted: { address: string; driver: Driver },
  limits: SandboxLimits,
): "start" | "queue" | "address-limit" | "queue-full" {
  const present = others.filter((other) => other.phase !== "stopped");
  // One that is on its way out still takes memory, but is no longer its learner's doing.
  const fromAddress = present.filter((other) => other.phase !== "stopping" && other.address === wanted.address);
  if (fromAddress.length >= limits.perAddress) return "address-limit";
  const queued = present.filter((other) => other.phase === "queued").length;
  if (queued === 0 && fits(placesTaken(present, limits), wanted, limits)) return "start";
  return queued < limits.maxQueue ? "queue" : "queue-full";
}

/** How many of those that wait, in their order, may start now: others hold their places until they have stopped. */
export function startable(sandboxes: readonly Held[], limits: SandboxLimits): number {
  let taken = placesTaken(
    sandboxes.filter(({ phase }) => phase !== "queued" && phase !== "stopped"),
    limits,
  );
  let count = 0;
  for (const one of sandboxes.filter(({ phase }) => phase === "queued")) {
    if (!fits(taken, one, limits)) break;
    taken += placesOf(one, limits);
    count++;
  }
  return count;
}

/** One that takes more places than there are gets them all: it may run alone. */
function fits(taken: number, wanted: { driver: Driver }, limits: SandboxLimits): boolean {
  return taken + Math.min(placesOf(wanted, limits), limits.maxSandboxes) <= limits.maxSandboxes;
}

function placesTaken(sandboxes: readonly Held[], limits: SandboxLimits): number {
  return sandboxes.reduce((sum, one) => sum + placesOf(one, limits), 0);
}

/** A place is the memory of a simulated cluster; a real one on this machine takes many. */
function placesOf({ driver }: { driver: Driver }, { places }: SandboxLimits): number {
  return places?.[driver] ?? 1;
}
