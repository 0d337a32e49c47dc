import type { LifecycleHandler } from "../api/generated/kubernetes";
import { delay } from "./kubelet-context";
import { runProbe, type ProbeResult, type ProbeTarget } from "./probe-action";

// Hooks have no limit of their own but the pod's grace period; this one only ends what nobody waits for any more.
const HOOK_LIMIT_MS = 600_000;

/** Runs a postStart or preStop handler to its end. */
export async function runHook(handler: LifecycleHandler, target: ProbeTarget): Promise<ProbeResult> {
  if (handler.sleep) {
    await delay(target.clock, handler.sleep.seconds * 1000);
    return { ok: true };
  }
  return runProbe(handler, HOOK_LIMIT_MS, target);
}
