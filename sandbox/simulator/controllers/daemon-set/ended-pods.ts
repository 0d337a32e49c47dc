import type { DaemonSet, Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { EventRecorder } from "../../client/event-recorder";
import type { Clock } from "../../clock";
import { targetNode } from "./daemon-pod";

const FIRST_MS = 1000;
const LONGEST_MS = 15 * 60 * 1000;

/** Daemon pods that ended and are to be replaced: failed ones with a back-off for each node, so that nothing spins. */
export class EndedPods {
  readonly #clock: Clock;
  readonly #recorder: EventRecorder;
  readonly #backOffs = new Map<string, { waitMs: number; since: number }>();

  constructor(clock: Clock, recorder: EventRecorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** Whether the pod may be removed now; otherwise `again` is told when to ask. */
  mayRemove(daemonSet: Stored<DaemonSet>, pod: Stored<Pod>, again: (delayMs: number) => void): boolean {
    const { namespace = "", name } = pod.metadata;
    const node = targetNode(pod) ?? "";
    if (pod.status?.phase !== "Failed") {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
      this.#recorder.event(daemonSet, "Normal", "SucceededDaemonPod", message);
      return true;
    }
    const key = `${daemonSet.metadata.uid}/${daemonSet.metadata.generation ?? 0}/${node}`;
    const now = this.#clock.now();
    const backOff = this.#backOffs.get(key);
    const left = backOff ? backOff.since + backOff.waitMs - now : 0;
    if (left > 0) {
      again(left);
      return false;
    }
    const isOver = !backOff || now - backOff.since > 2 * LONGEST_MS;
    this.#backOffs.set(key, { waitMs: isOver ? FIRST_MS : Math.min(backOff.waitMs * 2, LONGEST_MS), since: now });
    const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
    this.#recorder.event(daemonSet, "Warning", "FailedDaemonPod", message);
    return true;
  }
}
