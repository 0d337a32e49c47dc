import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type KubeObject, type Resource, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { Informer } from "../../client/informer";
import { claimKeys } from "../../volumes/pod-claims";
import type { ControllerContext, Runnable } from "../context";

const CLAIM_INDEX = "claim";

/**
 * Keeps a claim that a pod mounts, and a volume that is bound, until nothing needs them any more.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
 */
export class VolumeProtectionController implements Runnable {
  readonly #claims: Protection<PersistentVolumeClaim>;
  readonly #volumes: Protection<PersistentVolume>;

  constructor(context: ControllerContext) {
    const { pods, persistentVolumeClaims, persistentVolumes } = context.informers;
    pods.addIndex(CLAIM_INDEX, claimKeys);
    this.#claims = new Protection(context, {
      name: "pvc-protection",
      finalizer: "kubernetes.io/pvc-protection",
      objects: persistentVolumeClaims,
      // A pod without a node does not hold it: no node takes a pod whose claim is on its way out.
      inUse: (claim) => pods.byIndex(CLAIM_INDEX, keyOf(claim)).some(({ spec }) => spec?.nodeName),
      others: [pods],
    });
    this.#volumes = new Protection(context, {
      name: "pv-protection",
      finalizer: "kubernetes.io/pv-protection",
      objects: persistentVolumes,
      inUse: ({ status }) => status?.phase === "Bound",
      others: [],
    });
    const release = (pod: Stored<Pod>): void => {
      for (const key of claimKeys(pod)) this.#claims.look(key);
    };
    pods.addHandler({ deleted: release });
  }

  start(): void {
    this.#claims.start();
    this.#volumes.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#claims.stop(), this.#volumes.stop()]);
  }

  get idle(): boolean {
    return this.#claims.idle && this.#volumes.idle;
  }
}

interface ProtectionOptions<T extends KubeObject> {
  readonly name: string;
  readonly finalizer: string;
  readonly objects: Informer<T>;
  readonly inUse: (object: Stored<T>) => boolean;
  readonly others: readonly { synced(): Promise<void> }[];
}

/** One finalizer on one kind: given to all that live, taken off those that are to go and not in use. */
class Protection<T extends KubeObject> implements Runnable {
  readonly #context: ControllerContext;
  readonly #options: ProtectionOptions<T>;
  readonly #controller: Controller;

  constructor(context: ControllerContext, options: ProtectionOptions<T>) {
    this.#context = context;
    this.#options = options;
    const { objects, others, name } = options;
    this.#controller = new Controller({
      name,
      clock: context.clock,
      sync: (key) => this.#sync(key),
      informers: [objects, ...others],
      onError: context.onError,
    });
    objects.addHandler({
      added: (object) => this.look(keyOf(object)),
      updated: (_, object) => this.look(keyOf(object)),
    });
  }

  look(key: string): void {
    this.#controller.queue.add(key);
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(key: string): Promise<void> {
    const { objects, finalizer, inUse } = this.#options;
    const { namespace, name } = splitKey(key);
    const object = objects.get(namespace, name);
    if (!object) return;
    const finalizers = object.metadata.finalizers ?? [];
    const has = finalizers.includes(finalizer);
    const goes = object.metadata.deletionTimestamp !== undefined;
    if (goes ? !has || inUse(object) : has) return;
    const wanted = goes ? finalizers.filter((each) => each !== finalizer) : [...finalizers, finalizer];
    try {
      await this.#write(objects.resource, object, wanted);
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  async #write(resource: Resource<T>, object: Stored<T>, finalizers: string[]): Promise<void> {
    const metadata = { ...object.metadata, finalizers };
    await this.#context.client.update(resource, { ...object, metadata });
  }
}
