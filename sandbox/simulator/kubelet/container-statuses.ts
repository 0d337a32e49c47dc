import type {
  Container,
  ContainerState,
  ContainerStatus,
  EphemeralContainer,
  VolumeMountStatus,
} from "../api/generated/kubernetes";
import { toTime } from "../clock";
import type { ContainerRecord, ExitedContainer } from "./container-record";
import { exitOf, isRunning, isSidecar } from "./container-record";
import type { PodFacts } from "./pod-lifecycle";

export interface PodContainerStatuses {
  readonly init: ContainerStatus[];
  readonly app: ContainerStatus[];
  readonly ephemeral: ContainerStatus[];
}

/** Statuses of all containers: those of `spec.containers` sorted by name, as the kubelet lists them. */
export function containerStatuses(facts: PodFacts): PodContainerStatuses {
  const spec = facts.pod.spec ?? { containers: [] };
  const status = (container: Container | EphemeralContainer, kind: "init" | "app" | "ephemeral"): ContainerStatus =>
    containerStatus(facts, container, kind);
  return {
    init: (spec.initContainers ?? []).map((container) => status(container, "init")),
    app: spec.containers
      .map((container) => status(container, "app"))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    ephemeral: (spec.ephemeralContainers ?? [])
      .filter(({ name }) => facts.records.has(name))
      .map((container) => status(container, "ephemeral")),
  };
}

function containerStatus(
  facts: PodFacts,
  container: Container | EphemeralContainer,
  kind: "init" | "app" | "ephemeral",
): ContainerStatus {
  const record = facts.records.get(container.name);
  const current = record?.current;
  const running = isRunning(record);
  const { state, lastState } = statesOf(facts, record, kind);
  const resources = container.resources ?? {};
  return {
    ...(resources.requests && { allocatedResources: resources.requests }),
    ...(current && { containerID: `containerd://${current.id}` }),
    image: (current && record.image) ?? container.image ?? "",
    imageID: current?.imageId ?? "",
    lastState,
    name: container.name,
    ready: isReady(record, kind, isSidecar(container)),
    ...(running && { resources }),
    restartCount: record?.restartCount ?? 0,
    started: running && (kind === "app" || isSidecar(container) ? (record?.started ?? false) : kind === "init"),
    state,
    ...(running && { user: { linux: userOf(facts, container) } }),
    ...(current && container.volumeMounts?.length && { volumeMounts: mountStatuses(container) }),
  };
}

function isReady(record: ContainerRecord | undefined, kind: "init" | "app" | "ephemeral", sidecar: boolean): boolean {
  if (kind === "ephemeral") return false;
  if (kind === "init" && !sidecar) return exitOf(record)?.exitCode === 0;
  return isRunning(record) && (record?.started ?? false) && (record?.ready ?? false);
}

function statesOf(
  facts: PodFacts,
  record: ContainerRecord | undefined,
  kind: "init" | "app" | "ephemeral",
): { state: ContainerState; lastState: ContainerState } {
  const before = record?.previous ? { terminated: terminated(record.previous) } : {};
  const current = record?.current;
  if (current?.state === "running")
    return { state: { running: { startedAt: toTime(current.startedAt) } }, lastState: before };
  if (current?.state === "exited") {
    const exited = { terminated: terminated(current, record?.terminationMessage) };
    if (record?.waiting && !facts.ending) return { state: { waiting: record.waiting }, lastState: exited };
    return { state: exited, lastState: before };
  }
  const waiting = record?.waiting ?? { reason: defaultWaitingReason(facts, kind) };
  return { state: { waiting }, lastState: before };
}

function defaultWaitingReason(facts: PodFacts, kind: "init" | "app" | "ephemeral"): string {
  const init = facts.pod.spec?.initContainers ?? [];
  if (init.length === 0 || kind === "ephemeral") return "ContainerCreating";
  if (kind === "init") return "PodInitializing";
  return init.every((container) => isDone(facts.records.get(container.name), isSidecar(container)))
    ? "ContainerCreating"
    : "PodInitializing";
}

/** An init container that lets the next one start. */
export function isDone(record: ContainerRecord | undefined, sidecar: boolean): boolean {
  return sidecar ? isRunning(record) && (record?.started ?? false) : exitOf(record)?.exitCode === 0;
}

function terminated(exit: ExitedContainer, message = exit.message): ContainerState["terminated"] {
  return {
    containerID: `containerd://${exit.id}`,
    exitCode: exit.exitCode,
    finishedAt: toTime(exit.finishedAt),
    ...(message !== undefined && message !== "" && { message }),
    reason: exit.reason,
    startedAt: toTime(exit.startedAt),
  };
}

function userOf(
  facts: PodFacts,
  container: Container | EphemeralContainer,
): { gid: number; supplementalGroups: number[]; uid: number } {
  const pod = facts.pod.spec?.securityContext;
  const own = container.securityContext;
  const gid = own?.runAsGroup ?? pod?.runAsGroup ?? 0;
  const groups = new Set([
    gid,
    ...(pod?.fsGroup === undefined ? [] : [pod.fsGroup]),
    ...(pod?.supplementalGroups ?? []),
  ]);
  return { gid, supplementalGroups: [...groups], uid: own?.runAsUser ?? pod?.runAsUser ?? 0 };
}

function mountStatuses(container: Container | EphemeralContainer): VolumeMountStatus[] {
  return (container.volumeMounts ?? []).map(({ mountPath, name, readOnly }) => ({
    mountPath,
    name,
    ...(readOnly && { readOnly, recursiveReadOnly: "Disabled" }),
  }));
}
