import type { PersistentVolumeClaim } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { compareQuantities } from "../../api/quantity";
import { Controller } from "../../client/controller";
import { recorderFor, type ControllerContext, type Runnable } from "../context";

/**
 * Says of a bound claim that asks for more than it has who would have to grow its volume: no kind of volume here can be
 * grown by the cluster itself. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims
 */
export class VolumeExpanderController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #recorder;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#recorder = recorderFor(context, "volume_expand");
    this.#controller = new Controller({
      name: "volume-expand",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.persistentVolumeClaims, informers.persistentVolumes],
      onError,
    });
    informers.persistentVolumeClaims.addHandler({
      updated: (old, claim) => {
        if (compareQuantities(wanted(claim), wanted(old)) > 0) this.#controller.queue.add(keyOf(claim));
      },
    });
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

  #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const { persistentVolumeClaims, persistentVolumes } = this.#context.informers;
    const claim = persistentVolumeClaims.get(namespace, name);
    const volume = claim && persistentVolumes.get("", claim.spec?.volumeName ?? "");
    if (volume && claim.status?.phase === "Bound" && compareQuantities(wanted(claim), has(claim)) > 0) {
      const message = "waiting for an external controller to expand this PVC";
      this.#recorder.event(claim, "Normal", "ExternalExpanding", message);
    }
    return Promise.resolve();
  }
}

function wanted({ spec }: Stored<PersistentVolumeClaim>): string {
  return spec?.resources?.requests?.storage ?? "0";
}

function has({ status }: Stored<PersistentVolumeClaim>): string {
  return status?.capacity?.storage ?? "0";
}
