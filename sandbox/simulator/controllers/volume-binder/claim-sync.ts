import type { PersistentVolumeClaim, Pod, StorageClass } from "../../api/generated/kubernetes";
import { keyOf, type Stored } from "../../api/object";
import type { EventRecorder } from "../../client/event-recorder";
import { PERSISTENT_VOLUME_CLAIMS } from "../../client/resources";
import {
  BETA_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  PROVISIONER,
  SELECTED_NODE,
} from "../../volumes/annotations";
import { bestMatch, isClaimedBy, mismatch } from "../../volumes/matching";
import { classOf, defaultClass, leavesClassOpen, waitsForConsumer } from "../../volumes/storage-class";
import type { ControllerContext } from "../context";
import type { Binding } from "./binding";

type Claim = Stored<PersistentVolumeClaim>;

export interface ClaimSyncOptions {
  readonly context: ControllerContext;
  readonly recorder: EventRecorder;
  readonly binding: Binding;
  /** Pods that mount the claim `namespace/name`. */
  readonly podsOf: (claim: string) => readonly Stored<Pod>[];
}

/** What is done about one claim. `pending`: it has no volume yet and is to be looked at again. */
export class ClaimSync {
  readonly #options: ClaimSyncOptions;

  constructor(options: ClaimSyncOptions) {
    this.#options = options;
  }

  async sync(claim: Claim): Promise<"pending" | "done"> {
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return this.#syncBound(claim);
    return claim.spec?.volumeName ? this.#syncNamed(claim, claim.spec.volumeName) : this.#syncOpen(claim);
  }

  /** Any volume that fits will do. */
  async #syncOpen(claim: Claim): Promise<"pending" | "done"> {
    const { context, binding, recorder } = this.#options;
    const storageClass = context.informers.storageClasses.get("", classOf(claim));
    const delayed = waitsForConsumer(storageClass);
    const volume = bestMatch(claim, context.informers.persistentVolumes.list(), { delayed });
    if (volume) {
      await binding.bind(volume, claim);
      return "done";
    }
    if (leavesClassOpen(claim) && (await this.#assignDefaultClass(claim))) return "done";
    if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) this.#awaitConsumer(claim);
    else if (classOf(claim) !== "") return this.#provision(claim, storageClass);
    else {
      const message = "no persistent volumes available for this claim and no storage class is set";
      recorder.event(claim, "Normal", "FailedBinding", message);
    }
    await binding.setClaimPhase(claim, "Pending");
    return "pending";
  }

  /** Its author names the volume it wants. */
  async #syncNamed(claim: Claim, volumeName: string): Promise<"pending" | "done"> {
    const { context, binding, recorder } = this.#options;
    const volume = context.informers.persistentVolumes.get("", volumeName);
    if (volume && isClaimedBy(volume, claim)) {
      await binding.bind(volume, claim);
      return "done";
    }
    if (volume && !volume.spec?.claimRef) {
      const why = mismatch(volume, claim);
      if (why === undefined) {
        await binding.bind(volume, claim);
        return "done";
      }
      recorder.event(claim, "Warning", "VolumeMismatch", `Cannot bind to requested volume "${volumeName}": ${why}`);
    } else if (volume && claim.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) {
      const owner = `${volume.spec?.claimRef?.namespace ?? ""}/${volume.spec?.claimRef?.name ?? ""}`;
      const message = `volume "${volumeName}" already bound to a different claim.`;
      if (owner !== keyOf(claim)) recorder.event(claim, "Warning", "FailedBinding", message);
    }
    await binding.setClaimPhase(claim, "Pending");
    return "pending";
  }

  /** A claim that was bound stays so, or is lost for good. */
  async #syncBound(claim: Claim): Promise<"done"> {
    const { context, binding } = this.#options;
    const volumeName = claim.spec?.volumeName;
    const volume = volumeName ? context.informers.persistentVolumes.get("", volumeName) : undefined;
    const owner = volume?.spec?.claimRef;
    if (!volumeName) {
      const message = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!";
      await this.#lose(claim, "ClaimLost", message);
    } else if (!volume) {
      await this.#lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    } else if (!owner || owner.uid === claim.metadata.uid) {
      await binding.bind(volume, claim);
    } else {
      const message = "Two claims are bound to the same volume, this one is bound incorrectly";
      await this.#lose(claim, "ClaimMisbound", message);
    }
    return "done";
  }

  async #lose(claim: Claim, reason: string, message: string): Promise<void> {
    if (claim.status?.phase === "Lost") return;
    await this.#options.binding.setClaimPhase(claim, "Lost");
    this.#options.recorder.event(claim, "Warning", reason, message);
  }

  #awaitConsumer(claim: Claim): void {
    const pods = this.#options
      .podsOf(keyOf(claim))
      .filter(({ spec }) => !spec?.nodeName)
      .map(({ metadata }) => metadata.name);
    const [reason, message] =
      pods.length === 0
        ? ["WaitForFirstConsumer", "waiting for first consumer to be created before binding"]
        : ["WaitForPodScheduled", `waiting for pod${pods.length > 1 ? "s" : ""} ${pods.join(",")} to be scheduled`];
    this.#options.recorder.event(claim, "Normal", reason, message);
  }

  /** Says which provisioner is to make a volume; that one watches claims itself. */
  async #provision(claim: Claim, storageClass: StorageClass | undefined): Promise<"pending"> {
    const { context, recorder, binding } = this.#options;
    const provisioner = storageClass?.provisioner;
    if (provisioner === undefined || provisioner.startsWith(IN_TREE)) {
      const why =
        provisioner === undefined ? notThere(classOf(claim)) : `no volume plugin matched name: ${provisioner}`;
      recorder.event(claim, "Warning", "ProvisioningFailed", why);
      await binding.setClaimPhase(claim, "Pending");
      return "pending";
    }
    if (claim.metadata.annotations?.[PROVISIONER] !== provisioner) {
      const annotations = {
        ...claim.metadata.annotations,
        [BETA_PROVISIONER]: provisioner,
        [PROVISIONER]: provisioner,
      };
      await context.client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations } });
    }
    const message =
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
      "system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
    recorder.event(claim, "Normal", "ExternalProvisioning", message);
    return "pending";
  }

  async #assignDefaultClass(claim: Claim): Promise<boolean> {
    const { client, informers } = this.#options.context;
    const chosen = defaultClass(informers.storageClasses.list());
    if (!chosen) return false;
    const spec = { ...claim.spec, storageClassName: chosen.metadata.name };
    await client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, spec });
    return true;
  }
}

/** Provisioners of this prefix were part of Kubernetes once; none is left. */
const IN_TREE = "kubernetes.io/";

function notThere(name: string): string {
  return `storageclass.storage.k8s.io "${name}" not found`;
}
