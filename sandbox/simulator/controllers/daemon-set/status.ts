import type { DaemonSetStatus } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import { isPodAvailable, isPodReady } from "../pod-state";
import { isUpdated } from "./daemon-pod";
import type { DaemonView } from "./daemon-set-plan";
import { fitOf } from "./node-fit";

/** The counts that fit the nodes and pods; of several pods on a node the oldest counts. */
export function daemonSetStatus(view: DaemonView, observedGeneration: number | undefined): DaemonSetStatus {
  const { daemonSet, nodes, podsOn, hash, now } = view;
  const minReadySeconds = daemonSet.spec?.minReadySeconds ?? 0;
  let [desired, current, misscheduled, ready, updated, available] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const pods = [...(podsOn.get(node.metadata.name) ?? [])].sort(
      (a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp),
    );
    const pod = pods[0];
    if (!fitOf(daemonSet, node).shouldRun) {
      if (pod) misscheduled++;
      continue;
    }
    desired++;
    if (!pod) continue;
    current++;
    if (isPodReady(pod)) ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) available++;
    if (isUpdated(pod, hash)) updated++;
  }
  return cloneJson({
    currentNumberScheduled: current,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration,
    updatedNumberScheduled: updated || undefined,
    numberAvailable: available || undefined,
    numberUnavailable: desired - available || undefined,
    collisionCount: daemonSet.status?.collisionCount,
    conditions: daemonSet.status?.conditions,
  });
}
