import type { CheckMessage } from "../protocol/check-messages";
import { isPodReady, isTerminating, nameOf, readCondition } from "./facts";
import type { ClusterObject } from "./object-source";
import { readList, readNumber, readText } from "./read";

/** What keeps the first troubled pod from being ready; `undefined` when none of them is in trouble. */
export function explainPods(pods: readonly ClusterObject[]): CheckMessage | undefined {
  const waiting = pods.filter((pod) => !isTerminating(pod) && !isPodReady(pod));
  for (const explain of [explainScheduling, explainContainers, explainReadiness]) {
    for (const pod of waiting) {
      const message = explain(pod);
      if (message) return message;
    }
  }
  const first = waiting[0];
  return first && { code: "pod-starting", params: { pod: nameOf(first) } };
}

function explainScheduling(pod: ClusterObject): CheckMessage | undefined {
  const condition = readCondition(pod, "PodScheduled");
  if (readText(condition, "reason") !== "Unschedulable") return undefined;
  const reason = (readText(condition, "message") ?? "").slice(0, 500);
  return { code: "pod-unschedulable", params: { pod: nameOf(pod), reason } };
}

function explainContainers(pod: ClusterObject): CheckMessage | undefined {
  const statuses = [
    ...readList(pod, "status", "initContainerStatuses"),
    ...readList(pod, "status", "containerStatuses"),
  ];
  for (const status of statuses) {
    const reason = readText(status, "state", "waiting", "reason");
    const container = readText(status, "name") ?? "";
    switch (reason) {
      case "ErrImagePull":
      case "ImagePullBackOff":
      case "InvalidImageName":
      case "ErrImageNeverPull":
        return { code: "pod-image-pull", params: { pod: nameOf(pod), image: readText(status, "image") ?? "" } };
      case "CrashLoopBackOff": {
        const exitCode = readNumber(status, "lastState", "terminated", "exitCode") ?? 0;
        return { code: "pod-crash-loop", params: { pod: nameOf(pod), container, exitCode } };
      }
      case "CreateContainerConfigError":
      case "CreateContainerError":
      case "RunContainerError": {
        const detail = (readText(status, "state", "waiting", "message") ?? reason).slice(0, 500);
        return { code: "pod-config-error", params: { pod: nameOf(pod), container, reason: detail } };
      }
      default:
    }
  }
  return undefined;
}

function explainReadiness(pod: ClusterObject): CheckMessage | undefined {
  const statuses = readList(pod, "status", "containerStatuses");
  const allRun = statuses.length > 0 && statuses.every((status) => readText(status, "state", "running", "startedAt"));
  return allRun ? { code: "pod-not-ready", params: { pod: nameOf(pod) } } : undefined;
}
