import type { PersistentVolume } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { EventRecorder } from "../../client/event-recorder";
import { PERSISTENT_VOLUMES } from "../../client/resources";
import { PROVISIONED_BY } from "../../volumes/annotations";
import type { ControllerContext } from "../context";
import type { Binding } from "./binding";

type Volume = Stored<PersistentVolume>;

export interface VolumeSyncOptions {
  readonly context: ControllerContext;
  readonly recorder: EventRecorder;
  readonly binding: Binding;
  /** Asks for another look at the claim `namespace/name`. */
  readonly retryClaim: (key: string) => void;
}

/** What is done about one volume. `free`: claims may want it. */
export class VolumeSync {
  readonly #options: VolumeSyncOptions;

  constructor(options: VolumeSyncOptions) {
    this.#options = options;
  }

  async sync(volume: Volume): Promise<"free" | "done"> {
    const { context, binding, retryClaim } = this.#options;
    const owner = volume.spec?.claimRef;
    if (!owner?.uid) {
      await binding.setVolumePhase(volume, "Available");
      return "free";
    }
    const key = `${owner.namespace ?? ""}/${owner.name ?? ""}`;
    const found = context.informers.persistentVolumeClaims.get(owner.namespace ?? "", owner.name ?? "");
    const claim = found?.metadata.uid === owner.uid ? found : undefined;
    if (!claim) return this.#release(volume);
    if (!claim.spec?.volumeName) retryClaim(key);
    else if (claim.spec.volumeName === volume.metadata.name) await binding.setVolumePhase(volume, "Bound");
    else return this.#leave(volume);
    return "done";
  }

  /** Its claim is bound to another volume. */
  async #leave(volume: Volume): Promise<"done"> {
    const { binding } = this.#options;
    const { annotations = {} } = volume.metadata;
    if (annotations[PROVISIONED_BY] && volume.spec?.persistentVolumeReclaimPolicy === "Delete") {
      await this.#release(volume);
    } else await binding.unbind(volume);
    return "done";
  }

  /** Its claim is gone: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming */
  async #release(volume: Volume): Promise<"done"> {
    const { binding } = this.#options;
    const phase = volume.status?.phase;
    const released =
      phase === "Released" || phase === "Failed" ? volume : await binding.setVolumePhase(volume, "Released");
    const policy = released.spec?.persistentVolumeReclaimPolicy;
    if (policy === "Delete") await this.#delete(released);
    else if (policy === "Recycle") await this.#fail(released, "VolumeFailedRecycle", "no volume plugin matched");
    return "done";
  }

  /** Volumes of a provisioner are its own to delete. */
  async #delete(volume: Volume): Promise<void> {
    const provisioner = volume.metadata.annotations?.[PROVISIONED_BY] ?? "";
    if (provisioner !== "" && !provisioner.startsWith("kubernetes.io/")) return;
    const { name } = volume.metadata;
    const path = volume.spec?.hostPath?.path;
    if (path === undefined) {
      const why = `error getting deleter volume plugin for volume "${name}": no deletable volume plugin matched`;
      await this.#fail(volume, "VolumeFailedDelete", why);
    } else if (!/^\/tmp\/.+/.test(path)) {
      const why = `host_path deleter only supports /tmp/.+ but received provided ${path}`;
      await this.#fail(volume, "VolumeFailedDelete", why);
    } else if (!volume.metadata.deletionTimestamp) {
      await this.#options.context.client.delete(PERSISTENT_VOLUMES, { namespace: "", name });
    }
  }

  async #fail(volume: Volume, reason: string, message: string): Promise<void> {
    if (volume.status?.phase === "Failed" && volume.status.message === message) return;
    await this.#options.binding.setVolumePhase(volume, "Failed", message);
    this.#options.recorder.event(volume, "Warning", reason, message);
  }
}
