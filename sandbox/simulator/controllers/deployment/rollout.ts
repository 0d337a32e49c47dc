import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from "../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import type { Client } from "../../client/client";
import type { EventRecorder } from "../../client/event-recorder";
import { DEPLOYMENTS, REPLICA_SETS } from "../../client/resources";
import type { Clock } from "../../clock";
import { desiredOf, sizeOf } from "./replica-sets";
import { sizeAnnotations } from "./revisions";

/** One sync of one Deployment: its objects as they are now, and the writes all strategies share. */
export class Rollout {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  /** All ReplicaSets of the Deployment. */
  readonly replicaSets: readonly Stored<ReplicaSet>[];
  /** The pods of a ReplicaSet. */
  readonly podsOf: (replicaSet: Stored<ReplicaSet>) => readonly Stored<Pod>[];
  /** Asks for another sync when nothing else would bring one. */
  readonly again: (delayMs: number) => void;
  /** As last read or written in this sync. */
  #deployment: Stored<Deployment>;

  constructor(
    deployment: Stored<Deployment>,
    parts: Omit<Rollout, "deployment" | "desired" | "writeStatus" | "resize">,
  ) {
    this.#deployment = deployment;
    this.client = parts.client;
    this.clock = parts.clock;
    this.recorder = parts.recorder;
    this.replicaSets = parts.replicaSets;
    this.podsOf = parts.podsOf;
    this.again = parts.again;
  }

  get deployment(): Stored<Deployment> {
    return this.#deployment;
  }

  /** Writes status, and with it annotations, when they differ. Returns whether they did. */
  async writeStatus(status: DeploymentStatus, annotations = this.#deployment.metadata.annotations): Promise<boolean> {
    const before = this.#deployment;
    if (equalJson(before.status ?? {}, status) && equalJson(before.metadata.annotations, annotations)) return false;
    const after = { ...before, metadata: { ...before.metadata, annotations }, status };
    this.#deployment = await this.client.updateStatus(DEPLOYMENTS, after);
    return true;
  }

  /** Gives a ReplicaSet its size and notes the Deployment's on it. Returns whether the size changed. */
  async resize(replicaSet: Stored<ReplicaSet>, size: number): Promise<boolean> {
    const before = sizeOf(replicaSet);
    const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(this.#deployment) };
    if (before === size && equalJson(annotations, replicaSet.metadata.annotations)) return false;
    const after = cloneJson(replicaSet);
    after.metadata.annotations = annotations;
    if (after.spec) after.spec.replicas = size;
    await this.client.update(REPLICA_SETS, after);
    if (before === size) return false;
    const direction = size > before ? "up" : "down";
    const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${size}`;
    this.recorder.event(this.#deployment, "Normal", "ScalingReplicaSet", message);
    return true;
  }

  get desired(): number {
    return desiredOf(this.#deployment);
  }
}
