import type { ContainerStatus, Pod } from "../api/generated/kubernetes";
import { age } from "./duration";
import { columns, type Printer } from "./strategy";

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go (what `get pods` shows) */
export const podPrinter: Printer<Pod> = {
  columns: columns("Name", "Ready", "Status", "Restarts", "Age", "+IP", "+Node", "+Nominated Node", "+Readiness Gates"),
  row(pod, now) {
    const summary = summarize(pod);
    return [
      pod.metadata?.name ?? "",
      `${summary.ready}/${summary.total}`,
      summary.reason,
      restartsCell(summary, now),
      age(pod.metadata?.creationTimestamp, now),
      pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? "<none>",
      pod.spec?.nodeName || "<none>",
      pod.status?.nominatedNodeName || "<none>",
      readinessGates(pod),
    ];
  },
};

interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  lastRestart: number | undefined;
}

function summarize(pod: Pod): Summary {
  const status = pod.status ?? {};
  const initStatuses = status.initContainerStatuses ?? [];
  const restartable = new Set(
    (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === "Always").map((each) => each.name),
  );
  const summary: Summary = {
    reason: status.reason || status.phase || "",
    ready: 0,
    total: (pod.spec?.containers ?? []).length + restartable.size,
    restarts: 0,
    lastRestart: undefined,
  };
  if ((status.conditions ?? []).some((each) => each.type === "PodScheduled" && each.reason === "SchedulingGated"))
    summary.reason = "SchedulingGated";

  let restartableRestarts = 0;
  let restartableLast: number | undefined;
  let initializing = false;
  for (const [index, container] of initStatuses.entries()) {
    summary.restarts += container.restartCount;
    summary.lastRestart = latest(summary.lastRestart, finishedBefore(container));
    const sidecar = restartable.has(container.name);
    if (sidecar) {
      restartableRestarts += container.restartCount;
      restartableLast = latest(restartableLast, finishedBefore(container));
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) summary.ready++;
      continue;
    }
    if (terminated)
      summary.reason = terminated.reason ? `Init:${terminated.reason}` : `Init:${signalOrExit(terminated)}`;
    else if (waiting?.reason && waiting.reason !== "PodInitializing") summary.reason = `Init:${waiting.reason}`;
    else summary.reason = `Init:${index}/${(pod.spec?.initContainers ?? []).length}`;
    initializing = true;
    break;
  }

  if (!initializing || isInitialized(pod)) {
    summary.restarts = restartableRestarts;
    summary.lastRestart = restartableLast;
    let running = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      summary.restarts += container.restartCount;
      summary.lastRestart = latest(summary.lastRestart, finishedBefore(container));
      const { terminated, waiting } = container.state ?? {};
      if (waiting?.reason) summary.reason = waiting.reason;
      else if (terminated) summary.reason = terminated.reason || signalOrExit(terminated);
      else if (container.ready && container.state?.running) {
        running = true;
        summary.ready++;
      }
    }
    if (summary.reason === "Completed" && running) summary.reason = isReady(pod) ? "Running" : "NotReady";
  }

  if (pod.metadata?.deletionTimestamp) {
    if (status.reason === "NodeLost") summary.reason = "Unknown";
    else if (status.phase !== "Succeeded" && status.phase !== "Failed") summary.reason = "Terminating";
  }
  return summary;
}

function signalOrExit(terminated: { exitCode: number; signal?: number }): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}

function isInitialized(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some((each) => each.type === "Initialized" && each.status === "True");
}

function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some((each) => each.type === "Ready" && each.status === "True");
}

function finishedBefore(container: ContainerStatus): number | undefined {
  const finished = container.lastState?.terminated?.finishedAt;
  return finished ? Date.parse(finished) : undefined;
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

function restartsCell({ restarts, lastRestart }: Summary, now: number): string {
  if (restarts === 0 || lastRestart === undefined) return String(restarts);
  return `${restarts} (${age(new Date(lastRestart).toISOString(), now)} ago)`;
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const met = gates.filter((gate) =>
    (pod.status?.conditions ?? []).some((each) => each.type === gate.conditionType && each.status === "True"),
  );
  return `${met.length}/${gates.length}`;
}
