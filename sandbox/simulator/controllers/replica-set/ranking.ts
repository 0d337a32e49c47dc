import type { Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isPodReady, readySince } from "../pod-state";

/**
 * The pods in the order in which a ReplicaSet gives them up.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 * `related` are all active pods of the same owner family: nodes that hold more of them lose theirs first.
 */
export function inDeletionOrder(
  pods: readonly Stored<Pod>[],
  related: readonly Stored<Pod>[],
  now: number,
): Stored<Pod>[] {
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? "";
    if (node !== "") onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const ranked = pods.map((pod) => ({ pod, rank: rankOf(pod, onNode, now) }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank) || (a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1));
  return ranked.map(({ pod }) => pod);
}

/** Smaller numbers go first, compared from the left. */
function rankOf(pod: Stored<Pod>, onNode: ReadonlyMap<string, number>, now: number): number[] {
  const since = readySince(pod);
  return [
    pod.spec?.nodeName ? 1 : 0,
    PHASE_RANKS[pod.status?.phase ?? ""] ?? 0,
    isPodReady(pod) ? 1 : 0,
    deletionCost(pod),
    -(onNode.get(pod.spec?.nodeName ?? "") ?? 0),
    since === undefined ? 0 : magnitude(now - since),
    -restarts(pod),
    magnitude(now - Date.parse(pod.metadata.creationTimestamp)),
  ];
}

const PHASE_RANKS: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata?.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? "0");
  return Number.isInteger(cost) ? cost : 0;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount));
}

/** Ages count by their power of two only, so that the youngest pods are not always the ones to go. */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? 0 : Math.floor(Math.log2(ageMs * 1_000_000));
}
