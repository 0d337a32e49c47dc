import type { Container, HostIP, Pod, PodSpec, PodStatus } from "../api/generated/kubernetes";
import { toTime } from "../clock";
import { containerStatuses } from "./container-statuses";
import { exitOf, isRunning, isSidecar, type ContainerRecord } from "./container-record";
import { podConditions } from "./pod-conditions";
import { podResources } from "./pod-resources";

/** What is true of a pod on its node now. */
export interface PodFacts {
  readonly pod: Pod;
  readonly records: ReadonlyMap<string, ContainerRecord>;
  readonly sandbox: { readonly ip: string } | undefined;
  /** Addresses it had; kept after its sandbox is gone. */
  readonly lastIP: string | undefined;
  readonly hostIP: string;
  readonly startedAt: number;
  /** The pod is on its way out and nothing of it will be started again. */
  readonly ending: boolean;
  /** Ended by the kubelet itself: DeadlineExceeded, Evicted, … */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
  readonly now: number;
}

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

/**
 * The status a kubelet writes: phase, conditions and container statuses follow from spec and facts alone.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
export function podStatus(facts: PodFacts): PodStatus {
  const { pod, sandbox, hostIP, failure } = facts;
  const spec = pod.spec ?? { containers: [] };
  const phase = podPhase(spec, facts);
  const statuses = containerStatuses(facts);
  const ip = sandbox?.ip ?? facts.lastIP;
  const hostIPs: HostIP[] = [{ ip: hostIP }];
  const resources = podResources(spec);
  return {
    ...(resources?.requests && { allocatedResources: resources.requests }),
    conditions: podConditions(facts, phase, statuses),
    ...(statuses.app.length > 0 && { containerStatuses: statuses.app }),
    ...(statuses.ephemeral.length > 0 && { ephemeralContainerStatuses: statuses.ephemeral }),
    hostIP,
    hostIPs,
    ...(statuses.init.length > 0 && { initContainerStatuses: statuses.init }),
    ...(failure && { message: failure.message }),
    observedGeneration: pod.metadata?.generation,
    phase,
    ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
    qosClass: pod.status?.qosClass,
    ...(failure && { reason: failure.reason }),
    ...(resources && { resources }),
    startTime: pod.status?.startTime ?? toTime(facts.startedAt),
  };
}

export function podPhase(spec: PodSpec, facts: Pick<PodFacts, "pod" | "records" | "ending" | "failure">): PodPhase {
  // A phase that is over stays.
  const written = facts.pod.status?.phase;
  if (written === "Succeeded" || written === "Failed") return written;
  if (facts.failure) return "Failed";
  const init = (spec.initContainers ?? []).filter((container) => !isSidecar(container));
  const policy = spec.restartPolicy ?? "Always";
  const failedInit = init.some(({ name }) => (exitOf(facts.records.get(name))?.exitCode ?? 0) !== 0);
  if (failedInit && policy === "Never") return "Failed";
  if (init.some(({ name }) => exitOf(facts.records.get(name))?.exitCode !== 0) && !anyStarted(spec, facts.records)) {
    return facts.ending && failedInit ? "Failed" : "Pending";
  }
  const app = spec.containers.map(({ name }) => facts.records.get(name));
  if (app.some((record) => !record?.current || record.current.state === "created")) {
    return app.some((record) => isRunning(record)) && !facts.ending ? "Running" : waitingPhase(app, facts.ending);
  }
  if (app.some((record) => isRunning(record))) return "Running";
  const failed = app.some((record) => exitOf(record)?.exitCode !== 0);
  if (facts.ending) return failed ? "Failed" : "Succeeded";
  if (policy === "Always") return "Running";
  if (!failed) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

// A container that is made anew after one has run leaves the pod Running; one that never ran leaves it Pending.
function waitingPhase(app: readonly (ContainerRecord | undefined)[], ending: boolean): PodPhase {
  if (ending && app.some((record) => exitOf(record))) return "Failed";
  return app.every((record) => record?.previous !== undefined || exitOf(record) || isRunning(record)) && app.length > 0
    ? "Running"
    : "Pending";
}

function anyStarted(spec: PodSpec, records: ReadonlyMap<string, ContainerRecord>): boolean {
  return spec.containers.some(({ name }) => records.get(name)?.current !== undefined);
}

/** Whether a container whose last run ended as given is to be started again. */
export function shouldRestart(
  policy: string | undefined,
  container: Pick<Container, "restartPolicy">,
  exitCode: number,
): boolean {
  const effective = container.restartPolicy ?? policy ?? "Always";
  return effective === "Always" || (effective === "OnFailure" && exitCode !== 0);
}
