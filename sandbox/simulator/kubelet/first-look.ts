import type { Clock } from "../clock";
import type { ContainerRuntime } from "./container-runtime";

/**
 * A kubelet sees what runs by looking now and then, so a container that ends before the first look was never seen
 * running: its pod goes from Pending to its end. Resolves with that look: after `ms`, or once the container has ended.
 */
export function firstLook(runtime: ContainerRuntime, clock: Clock, containerId: string, ms: number): Promise<void> {
  const isRunning = (): boolean => runtime.containerStatus(containerId)?.state === "running";
  if (ms <= 0 || !isRunning()) return Promise.resolve();
  return new Promise((resolve) => {
    const look = (): void => {
      timer.cancel();
      unsubscribe();
      resolve();
    };
    const timer = clock.schedule(ms, look);
    const unsubscribe = runtime.onContainerChange((id) => {
      if (id === containerId && !isRunning()) look();
    });
  });
}
