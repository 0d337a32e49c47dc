import type { Pod, PodCondition } from "../api/generated/kubernetes";
import { defaultPodSpec, allContainers } from "./pod-defaults";
import { podPrinter } from "./pod-printer";
import { qosClassOf } from "./pod-qos";
import { validatePodUpdate } from "./pod-update";
import { validatePod } from "./pod-validation";
import type { Strategy } from "./strategy";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/ */
const GATED: PodCondition = {
  type: "PodScheduled",
  status: "False",
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
};

/** https://kubernetes.io/docs/concepts/workloads/pods/ */
export const podStrategy: Strategy<Pod> = {
  defaults(pod) {
    if (!pod.spec) return;
    defaultPodSpec(pod.spec);
    pod.spec.enableServiceLinks ??= true;
    // A limit without a request asks for as much as the limit allows.
    for (const container of allContainers(pod.spec)) {
      for (const [name, amount] of Object.entries(container.resources?.limits ?? {})) {
        const requests = ((container.resources ??= {}).requests ??= {});
        requests[name] ??= amount;
      }
    }
  },
  prepareForCreate(pod) {
    const isGated = (pod.spec?.schedulingGates ?? []).length > 0;
    pod.status = { phase: "Pending", qosClass: qosClassOf(pod), ...(isGated && { conditions: [GATED] }) };
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: () => [],
  fields: (pod) => ({
    "spec.nodeName": pod.spec?.nodeName ?? "",
    // What clients of the first releases send.
    "spec.host": pod.spec?.nodeName ?? "",
    "spec.restartPolicy": pod.spec?.restartPolicy ?? "",
    "spec.schedulerName": pod.spec?.schedulerName ?? "",
    "spec.serviceAccountName": pod.spec?.serviceAccountName ?? "",
    "spec.hostNetwork": String(pod.spec?.hostNetwork ?? false),
    "status.phase": pod.status?.phase ?? "",
    "status.podIP": pod.status?.podIP ?? "",
    // Known, and never filled in: nothing but its absence can be asked for.
    "status.podIPs": "",
    "status.nominatedNodeName": pod.status?.nominatedNodeName ?? "",
  }),
  gracePeriod(pod, requested) {
    const wanted = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
    // Nothing runs yet, or nothing runs any more: no kubelet has to be waited for.
    if (!pod.spec?.nodeName) return 0;
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return 0;
    return wanted < 0 ? 1 : wanted;
  },
  returnsDeletedObject: true,
  printer: podPrinter,
};
