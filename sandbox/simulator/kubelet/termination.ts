import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { ContainerRecord } from "./container-record";
import { isRunning, isSidecar } from "./container-record";
import type { ContainerStarter } from "./container-starter";
import { delay, type KubeletContext } from "./kubelet-context";
import { runHook } from "./lifecycle-hook";

export interface StopRequest {
  readonly context: KubeletContext;
  readonly starter: ContainerStarter;
  readonly pod: Stored<Pod>;
  readonly records: ReadonlyMap<string, ContainerRecord>;
  readonly podIP: string | undefined;
  readonly graceMs: number;
}

// What preStop leaves for the container itself, at least.
const MIN_GRACE_MS = 2000;

/**
 * Stops all running containers within the grace period, sidecars after the others.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 */
export async function stopContainers(request: StopRequest): Promise<void> {
  const spec = request.pod.spec ?? { containers: [] };
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const running = [...request.records.values()].filter(isRunning);
  const startedAt = request.context.clock.now();
  await Promise.all(
    running.filter(({ name }) => !sidecars.has(name)).map((record) => stopOne(request, record, request.graceMs)),
  );
  const left = Math.max(0, request.graceMs - (request.context.clock.now() - startedAt));
  for (const record of running.filter(({ name }) => sidecars.has(name)).reverse()) await stopOne(request, record, left);
}

async function stopOne(request: StopRequest, record: ContainerRecord, graceMs: number): Promise<void> {
  const { context, starter, pod, podIP = "" } = request;
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec ?? { containers: [] };
  const kind = containers.some(({ name }) => name === record.name)
    ? "app"
    : initContainers.some(({ name }) => name === record.name)
      ? "init"
      : "ephemeral";
  const container = [...containers, ...initContainers, ...ephemeralContainers].find(({ name }) => name === record.name);
  if (!container || !record.current) return;
  const subject = starter.subject(pod, container, kind);
  context.recorder.event(subject, "Normal", "Killing", `Stopping container ${record.name}`);
  const { runtime, nodeHost, clock } = context;
  const startedAt = clock.now();
  const preStop = container.lifecycle?.preStop;
  if (preStop && graceMs > 0) {
    const target = { container, containerId: record.current.id, podIP, runtime, nodeHost, clock };
    const result = await Promise.race([runHook(preStop, target), delay(clock, graceMs).then(() => undefined)]);
    if (result?.ok === false) context.recorder.event(subject, "Warning", "FailedPreStopHook", "PreStopHook failed");
  }
  const left = graceMs === 0 ? 0 : Math.max(MIN_GRACE_MS, graceMs - (clock.now() - startedAt));
  await runtime.stopContainer(record.current.id, preStop ? left : graceMs);
}
