import type { ContainerStatus, Pod } from "../api/generated/kubernetes";
import { newContainerRecord, type ContainerRecord } from "./container-record";

// What containerd says of a container that was lost with its node.
const LOST_EXIT_CODE = 255;

/**
 * What a kubelet that starts on a node with pods knows of their containers: those that had run are lost, so the next
 * start of each is a restart. Init containers and finished containers keep the end they had.
 */
export function recordsAfterReboot(pod: Pod): ContainerRecord[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
    .filter(({ containerID }) => containerID)
    .map((status) => recordOf(status));
}

function recordOf(status: ContainerStatus): ContainerRecord {
  const record = newContainerRecord(status.name);
  const { running, terminated } = status.state ?? {};
  const startedAt = Date.parse(running?.startedAt ?? terminated?.startedAt ?? "") || 0;
  const finishedAt = Date.parse(terminated?.finishedAt ?? "") || startedAt;
  record.restartCount = status.restartCount;
  record.image = status.image;
  const exit = {
    state: "exited" as const,
    id: (status.containerID ?? "").replace(/^containerd:\/\//, ""),
    imageId: status.imageID,
    createdAt: startedAt,
    startedAt,
    finishedAt,
    exitCode: terminated?.exitCode ?? LOST_EXIT_CODE,
    reason: terminated?.reason ?? "Unknown",
    ...(terminated?.message !== undefined && { message: terminated.message }),
  };
  if (terminated) record.current = exit;
  else record.previous = exit;
  return record;
}
