import type { Pod, StatefulSet } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isAlreadyExists, isNotFound } from "../../api/status";
import type { Client } from "../../client/client";
import type { EventRecorder } from "../../client/event-recorder";
import { PODS } from "../../client/resources";
import { messageOf } from "../pod-control";
import type { Claims } from "./claims";
import { asItself } from "./identity";

/** Makes, mends and removes the pods of a StatefulSet with their claims, and tells of it in events on the set. */
export class StatefulPods {
  readonly #client: Client;
  readonly #recorder: EventRecorder;
  readonly #claims: Claims;

  constructor(client: Client, recorder: EventRecorder, claims: Claims) {
    this.#client = client;
    this.#recorder = recorder;
    this.#claims = claims;
  }

  async create(set: Stored<StatefulSet>, pod: Pod, ordinal: number): Promise<void> {
    const name = pod.metadata?.name ?? "";
    try {
      await this.createClaims(set, name, ordinal);
    } catch (error) {
      this.#tell(set, "Create", name, error);
      throw error;
    }
    let created: Stored<Pod>;
    try {
      created = await this.#client.create(PODS, pod);
    } catch (error) {
      // The cache does not show yet the one that is there.
      if (!isAlreadyExists(error)) this.#tell(set, "Create", name, error);
      throw error;
    }
    this.#tell(set, "Create", name);
    await this.#claims.retain(set, ordinal, created, false);
  }

  createClaims(set: Stored<StatefulSet>, podName: string, ordinal: number): Promise<void> {
    return this.#claims.create(set, ordinal, (claim, error) => {
      const what = `Create Claim ${claim} Pod ${podName} in StatefulSet ${set.metadata.name}`;
      if (error === undefined) this.#recorder.event(set, "Normal", "SuccessfulCreate", `${what} success`);
      else this.#recorder.event(set, "Warning", "FailedCreate", `${what} failed error: ${messageOf(error)}`);
    });
  }

  /** Puts a pod's labels right; what else it lacks cannot be changed while it lives, and is refused by the server. */
  async mend(set: Stored<StatefulSet>, pod: Stored<Pod>, ordinal: number): Promise<void> {
    try {
      await this.#client.update(PODS, asItself(set, pod, ordinal));
    } catch (error) {
      this.#tell(set, "Update", pod.metadata.name, error);
      throw error;
    }
    this.#tell(set, "Update", pod.metadata.name);
  }

  async delete(set: Stored<StatefulSet>, pod: Stored<Pod>): Promise<void> {
    const { namespace = "", name, uid } = pod.metadata;
    try {
      await this.#client.delete(PODS, { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (isNotFound(error)) return;
      this.#tell(set, "Delete", name, error);
      throw error;
    }
    this.#tell(set, "Delete", name);
  }

  #tell(set: Stored<StatefulSet>, verb: "Create" | "Update" | "Delete", pod: string, error?: unknown): void {
    const what = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`;
    if (error === undefined) this.#recorder.event(set, "Normal", `Successful${verb}`, `${what} successful`);
    else this.#recorder.event(set, "Warning", `Failed${verb}`, `${what} failed error: ${messageOf(error)}`);
  }
}
