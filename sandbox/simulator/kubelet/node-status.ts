import type { Node, NodeCondition } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { isConflict } from "../api/status";
import type { Client } from "../client/client";
import type { EventRecorder } from "../client/event-recorder";
import { NODES } from "../client/resources";
import { toTime, type Clock } from "../clock";

export interface NodeReport {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeName: string;
  readonly recorder: EventRecorder;
}

/** What a kubelet says of a node in order: https://kubernetes.io/docs/reference/node/node-status/#condition */
const FINE: Readonly<Record<string, readonly [status: string, reason: string, message: string]>> = {
  MemoryPressure: ["False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
  DiskPressure: ["False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
  PIDPressure: ["False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
  Ready: ["True", "KubeletReady", "kubelet is posting ready status"],
};

/** Tells that the node is well, with an event for each condition that was not. */
export async function reportReady(report: NodeReport): Promise<void> {
  const { client, clock, nodeName, recorder } = report;
  const node = await client.get(NODES, { namespace: "", name: nodeName });
  const now = toTime(clock.now());
  const before = node.status?.conditions ?? [];
  const conditions = before.map((condition) => improved(condition, now));
  try {
    await client.updateStatus(NODES, { ...node, status: { ...node.status, conditions } });
  } catch (error) {
    if (!isConflict(error)) throw error;
    return reportReady(report);
  }
  const wasReady = before.some(({ type, status }) => type === "Ready" && status === "True");
  if (!wasReady) recorder.event(subjectOf(node), "Normal", "NodeReady", `Node ${nodeName} status is now: NodeReady`);
}

function improved(condition: NodeCondition, now: string): NodeCondition {
  const fine = FINE[condition.type];
  if (!fine) return condition;
  const [status, reason, message] = fine;
  const lastTransitionTime = condition.status === status ? condition.lastTransitionTime : now;
  return { ...condition, status, reason, message, lastTransitionTime, lastHeartbeatTime: now };
}

// A kubelet refers to its node by name alone, where the UID should be too.
function subjectOf(node: Stored<Node>): Stored<Node> {
  return { ...node, metadata: { ...node.metadata, uid: node.metadata.name } };
}
