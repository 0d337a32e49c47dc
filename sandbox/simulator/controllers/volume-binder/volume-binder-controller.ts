import type { Pod } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { claimKeys } from "../../volumes/pod-claims";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { Binding } from "./binding";
import { ClaimSync } from "./claim-sync";
import { VolumeSync } from "./volume-sync";

const CLAIM = "claim:";
const VOLUME = "volume:";
/** How often a claim without a volume is looked at again, and its event repeated: the binder's sync period. */
const PENDING_RETRY_MS = 15_000;
const CLAIM_INDEX = "claim";

/**
 * Binds claims to volumes and reclaims volumes that lost their claim. One worker: two claims must not get one volume.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/
 */
export class VolumeBinderController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #claims: ClaimSync;
  readonly #volumes: VolumeSync;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const recorder = recorderFor(context, "persistentvolume-controller");
    const binding = new Binding(context);
    informers.pods.addIndex(CLAIM_INDEX, claimKeys);
    const podsOf = (claim: string): readonly Stored<Pod>[] => informers.pods.byIndex(CLAIM_INDEX, claim);
    this.#claims = new ClaimSync({ context, recorder, binding, podsOf });
    this.#volumes = new VolumeSync({ context, recorder, binding, retryClaim: (key) => this.#queueClaim(key) });
    this.#controller = new Controller({
      name: "persistentvolume-binder",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.persistentVolumes, informers.persistentVolumeClaims, informers.storageClasses],
      onError,
    });
    this.#watch();
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

  #watch(): void {
    const { persistentVolumes, persistentVolumeClaims, storageClasses } = this.#context.informers;
    const { queue } = this.#controller;
    persistentVolumeClaims.addHandler({
      added: (claim) => this.#queueClaim(keyOf(claim)),
      updated: (_, claim) => this.#queueClaim(keyOf(claim)),
      deleted: ({ spec }) => {
        if (spec?.volumeName) queue.add(VOLUME + spec.volumeName);
      },
    });
    persistentVolumes.addHandler({
      added: (volume) => queue.add(VOLUME + volume.metadata.name),
      updated: (_, volume) => queue.add(VOLUME + volume.metadata.name),
      deleted: ({ spec }) => {
        if (spec?.claimRef) this.#queueClaim(`${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`);
      },
    });
    storageClasses.addHandler({ added: () => this.#retryPending() });
  }

  #queueClaim(key: string): void {
    this.#controller.queue.add(CLAIM + key);
  }

  async #sync(key: string): Promise<void> {
    const { informers } = this.#context;
    try {
      if (key.startsWith(CLAIM)) {
        const { namespace, name } = splitKey(key.slice(CLAIM.length));
        const claim = informers.persistentVolumeClaims.get(namespace, name);
        if (!claim) return;
        const outcome = await this.#claims.sync(claim);
        if (outcome === "pending") this.#controller.queue.addAfter(key, PENDING_RETRY_MS);
      } else {
        const volume = informers.persistentVolumes.get("", key.slice(VOLUME.length));
        if (volume && (await this.#volumes.sync(volume)) === "free") this.#retryPending();
      }
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      // Somebody else wrote it, or the cache is behind: what is true then decides.
      this.#controller.queue.addRateLimited(key);
    }
  }

  /** A volume or class that was not there before may be what others wait for. */
  #retryPending(): void {
    for (const claim of this.#context.informers.persistentVolumeClaims.list()) {
      if (claim.status?.phase === "Pending") this.#queueClaim(keyOf(claim));
    }
  }
}
