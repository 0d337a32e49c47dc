import type { Pod, PodStatus } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { isConflict, isNotFound } from "../api/status";
import type { Client } from "../client/client";
import { PODS } from "../client/resources";

/** A worker's copy of its pod: the newest state it has heard of, by watch or as the answer to its own writes. */
export class PodCopy {
  readonly #client: Client;
  #current: Stored<Pod>;
  #written = "";
  /** States that came in while a status is being written. */
  #arrived: Stored<Pod>[] | undefined;
  /** Called for each newer state that others have made. */
  readonly #changed: () => void;

  constructor(client: Client, pod: Stored<Pod>, changed: () => void) {
    this.#client = client;
    this.#current = pod;
    this.#changed = changed;
  }

  get current(): Stored<Pod> {
    return this.#current;
  }

  /** What the watch says. */
  offer(pod: Stored<Pod>): void {
    // What arrives during a write may be its own echo, which only the write's answer tells.
    if (this.#arrived) {
      this.#arrived.push(pod);
      return;
    }
    if (Number(pod.metadata.resourceVersion) <= Number(this.#current.metadata.resourceVersion)) return;
    this.#current = pod;
    this.#changed();
  }

  /** Writes a status if it is not the one written last. A pod that is gone, or another of its name, is left alone. */
  async writeStatus(status: PodStatus): Promise<void> {
    const text = JSON.stringify(status);
    if (text === this.#written) return;
    const arrived: Stored<Pod>[] = [];
    this.#arrived = arrived;
    let answer: Stored<Pod> | undefined;
    try {
      const metadata = { ...this.#current.metadata, resourceVersion: undefined };
      answer = await this.#client.updateStatus(PODS, { ...this.#current, metadata, status });
      this.#written = text;
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    } finally {
      this.#arrived = undefined;
      this.#catchUp(arrived, answer);
    }
  }

  #catchUp(arrived: readonly Stored<Pod>[], answer: Stored<Pod> | undefined): void {
    if (answer?.metadata.uid === this.#current.metadata.uid) this.#current = answer;
    const foreign = arrived.filter(({ metadata }) => metadata.resourceVersion !== answer?.metadata.resourceVersion);
    for (const pod of foreign) {
      const newer = Number(pod.metadata.resourceVersion) > Number(this.#current.metadata.resourceVersion);
      if (newer) this.#current = pod;
    }
    if (foreign.length > 0) this.#changed();
  }
}
