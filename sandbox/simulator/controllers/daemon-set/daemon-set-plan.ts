import type { DaemonSet, Node, Pod } from "../../api/generated/kubernetes";
import { resolveIntOrPercent } from "../../api/int-or-string";
import type { Stored } from "../../api/object";
import { isPodAvailable, isPodReady } from "../pod-state";
import { isUpdated } from "./daemon-pod";
import { fitOf } from "./node-fit";

/** What is to happen on the nodes. Nothing here is done yet. */
export interface DaemonPlan {
  /** Nodes that get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Stored<Pod>[];
  /** Pods that have ended, to be replaced. */
  readonly ended: readonly Stored<Pod>[];
}

export interface DaemonView {
  readonly daemonSet: Stored<DaemonSet>;
  readonly nodes: readonly Stored<Node>[];
  /** The set's pods by the node they are on or meant for. */
  readonly podsOn: ReadonlyMap<string, readonly Stored<Pod>[]>;
  /** The revision that pods are to have. */
  readonly hash: string;
  readonly now: number;
}

/** One pod on each node that should have one, none elsewhere. */
export function planPlacement(view: DaemonView): DaemonPlan {
  const create: string[] = [];
  const remove: Stored<Pod>[] = [];
  const ended: Stored<Pod>[] = [];
  for (const node of view.nodes) {
    const pods = view.podsOn.get(node.metadata.name) ?? [];
    const { shouldRun, mayStay } = fitOf(view.daemonSet, node);
    const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    if (shouldRun && pods.length === 0) create.push(node.metadata.name);
    else if (!mayStay) remove.push(...staying);
    else {
      ended.push(...staying.filter(hasEnded));
      remove.push(
        ...surplus(
          view,
          staying.filter((pod) => !hasEnded(pod)),
        ),
      );
    }
  }
  const names = new Set(view.nodes.map(({ metadata }) => metadata.name));
  // Pods meant for nodes that are gone and that never got there.
  for (const [name, pods] of view.podsOn)
    if (!names.has(name)) remove.push(...pods.filter((pod) => !pod.spec?.nodeName));
  return { create, remove, ended };
}

/** Replaces pods of old revisions, as many at a time as the strategy allows. */
export function planUpdate(view: DaemonView): DaemonPlan {
  const { maxSurge, maxUnavailable } = limitsOf(view);
  return maxSurge === 0 ? planReplacement(view, maxUnavailable) : planSurge(view, maxSurge);
}

function planReplacement(view: DaemonView, maxUnavailable: number): DaemonPlan {
  let unavailable = 0;
  const broken: Stored<Pod>[] = [];
  const candidates: Stored<Pod>[] = [];
  for (const pods of view.podsOn.values()) {
    const { updated, old, isClear } = onNode(view, pods);
    if (!isClear || (updated === undefined) === (old === undefined)) unavailable++;
    else if (updated && !isAvailable(view, updated)) unavailable++;
    else if (old && isAvailable(view, old)) candidates.push(old);
    else if (old) broken.push(old);
  }
  const room = Math.max(0, maxUnavailable - unavailable);
  return { create: [], remove: [...broken, ...candidates.slice(0, room)], ended: [] };
}

function planSurge(view: DaemonView, maxSurge: number): DaemonPlan {
  let surging = 0;
  const remove: Stored<Pod>[] = [];
  const broken: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of view.podsOn) {
    const { updated, old, isClear } = onNode(view, pods);
    if (!isClear) surging++;
    else if (old && !updated) (isAvailable(view, old) ? candidates : broken).push(node);
    else if (old && updated && isAvailable(view, updated)) remove.push(old);
    else if (old && updated) surging++;
  }
  const fits = new Set(view.nodes.filter((node) => fitOf(view.daemonSet, node).shouldRun).map((n) => n.metadata.name));
  const room = Math.max(0, maxSurge - surging);
  const create = [...broken, ...candidates.filter((node) => fits.has(node)).slice(0, room)];
  return { create: create.filter((node) => fits.has(node)), remove, ended: [] };
}

function limitsOf({ daemonSet, nodes }: DaemonView): { maxSurge: number; maxUnavailable: number } {
  const rolling = daemonSet.spec?.updateStrategy?.rollingUpdate;
  const desired = nodes.filter((node) => fitOf(daemonSet, node).shouldRun).length;
  const maxSurge = resolveIntOrPercent(rolling?.maxSurge ?? 0, desired, "up");
  const maxUnavailable = resolveIntOrPercent(rolling?.maxUnavailable ?? 1, desired, "up");
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The pods that stay on a node, by revision; not clear where there are more than one of either. */
function onNode({ hash }: DaemonView, pods: readonly Stored<Pod>[]) {
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const updated = staying.filter((pod) => isUpdated(pod, hash));
  const old = staying.filter((pod) => !isUpdated(pod, hash));
  return { updated: updated[0], old: old[0], isClear: updated.length <= 1 && old.length <= 1 };
}

/** Of several pods on a node the oldest stays; during a surge one old and one new, until the new one is available. */
function surplus(view: DaemonView, pods: readonly Stored<Pod>[]): Stored<Pod>[] {
  if (pods.length <= 1) return [];
  const ordered = [...pods].sort(byScheduledAndAge);
  if (limitsOf(view).maxSurge === 0) return ordered.slice(1);
  const updated = ordered.find((pod) => isUpdated(pod, view.hash));
  const old = ordered.find((pod) => !isUpdated(pod, view.hash));
  const isOver = updated && old && (!isPodReady(old) || isAvailable(view, updated));
  return ordered.filter((pod) => (pod !== updated && pod !== old) || (isOver && pod === old));
}

function byScheduledAndAge(a: Stored<Pod>, b: Stored<Pod>): number {
  const scheduled = Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName);
  return scheduled || Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp);
}

function isAvailable({ daemonSet, now }: DaemonView, pod: Stored<Pod>): boolean {
  return isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, now);
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}
