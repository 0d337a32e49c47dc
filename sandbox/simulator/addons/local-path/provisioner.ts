import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isAlreadyExists, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { CountingEventRecorder } from "../../client/event-recorder";
import { PERSISTENT_VOLUMES } from "../../client/resources";
import type { Runnable } from "../../controllers/context";
import { PROVISIONED_BY, PROVISIONER, SELECTED_NODE } from "../../volumes/annotations";
import { classOf, waitsForConsumer } from "../../volumes/storage-class";
import type { AddonContext } from "../addon";
import { readyPod } from "../ready-pod";

export const PROVISIONER_NAME = "rancher.io/local-path";
export const PROVISIONER_NAMESPACE = "local-path-storage";
export const PROVISIONER_LABELS = { app: "local-path-provisioner" };

const ROOT = "/var/local-path-provisioner";
const HOSTNAME = "kubernetes.io/hostname";
const VOLUME = "volume:";
/** What a folder takes to be made: a helper pod's short life. */
const PROVISION_MS = 900;

/** Makes volumes for claims of its class and takes them away again, for as long as its pod is there. */
export class LocalPathProvisioner implements Runnable {
  readonly #context: AddonContext;
  readonly #controller: Controller;
  readonly #identity: string;
  #recorder: CountingEventRecorder | undefined;
  /** Since when each claim is being served, by UID. */
  readonly #since = new Map<string, number>();

  constructor(context: AddonContext) {
    this.#context = context;
    const { informers, clock, random, onError } = context;
    const { pods, persistentVolumeClaims: claims, persistentVolumes: volumes, storageClasses } = informers;
    this.#identity = random.uuid();
    this.#controller = new Controller({
      name: "local-path",
      clock,
      sync: (key) => this.#sync(key),
      informers: [claims, volumes, storageClasses, pods],
      onError,
    });
    const { queue } = this.#controller;
    const look = (claim: Stored<PersistentVolumeClaim>): void => queue.add(keyOf(claim));
    const lookAt = (volume: Stored<PersistentVolume>): void => queue.add(VOLUME + volume.metadata.name);
    claims.addHandler({ added: look, updated: (_, claim) => look(claim) });
    volumes.addHandler({ added: lookAt, updated: (_, volume) => lookAt(volume) });
    const podChanged = (pod: Stored<Pod>): void => {
      if (pod.metadata.namespace !== PROVISIONER_NAMESPACE) return;
      for (const claim of claims.list()) look(claim);
      for (const volume of volumes.list()) lookAt(volume);
    };
    pods.addHandler({ updated: (_, pod) => podChanged(pod) });
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
    const { informers } = this.#context;
    const pod = readyPod(informers, PROVISIONER_NAMESPACE, PROVISIONER_LABELS);
    if (!pod) return;
    if (key.startsWith(VOLUME)) {
      const volume = informers.persistentVolumes.get("", key.slice(VOLUME.length));
      if (volume) await this.#reclaim(volume);
      return;
    }
    const { namespace, name } = splitKey(key);
    const claim = informers.persistentVolumeClaims.get(namespace, name);
    const storageClass = claim && informers.storageClasses.get("", classOf(claim));
    if (claim && storageClass && isWanted(claim, storageClass)) await this.#provision(claim, storageClass, pod);
  }

  async #provision(claim: Stored<PersistentVolumeClaim>, storageClass: StorageClass, pod: Stored<Pod>): Promise<void> {
    const { clock, client } = this.#context;
    const { uid, name, namespace = "" } = claim.metadata;
    const recorder = this.#recorderOf(pod);
    const since = this.#since.get(uid);
    if (since === undefined) {
      this.#since.set(uid, clock.now());
      const message = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
      recorder.event(claim, "Normal", "Provisioning", message);
      const why = refusalOf(claim);
      if (why === undefined) this.#controller.queue.addAfter(keyOf(claim), PROVISION_MS);
      else {
        const failed = `failed to provision volume with StorageClass "${classOf(claim)}": ${why}`;
        recorder.event(claim, "Warning", "ProvisioningFailed", failed);
      }
      return;
    }
    if (refusalOf(claim) !== undefined || clock.now() < since + PROVISION_MS) return;
    const volume = volumeFor(claim, storageClass);
    try {
      await client.create(PERSISTENT_VOLUMES, volume);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return;
    }
    const made = volume.metadata?.name ?? "";
    recorder.event(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${made}`);
    this.#since.delete(uid);
  }

  async #reclaim({ metadata, spec, status }: Stored<PersistentVolume>): Promise<void> {
    if (metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER_NAME || metadata.deletionTimestamp) return;
    if (status?.phase !== "Released" || spec?.persistentVolumeReclaimPolicy !== "Delete") return;
    const node = metadata.annotations[SELECTED] ?? "";
    if (spec.hostPath) this.#context.machines.removeFolder(node, spec.hostPath.path);
    try {
      await this.#context.client.delete(PERSISTENT_VOLUMES, { namespace: "", name: metadata.name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #recorderOf(pod: Stored<Pod>): CountingEventRecorder {
    const component = `${PROVISIONER_NAME}_${pod.metadata.name}_${this.#identity}`;
    return (this.#recorder ??= new CountingEventRecorder({ ...this.#context, component }));
  }
}

const SELECTED = "local.path.provisioner/selected-node";

function isWanted({ metadata, spec }: Stored<PersistentVolumeClaim>, storageClass: StorageClass): boolean {
  if (storageClass.provisioner !== PROVISIONER_NAME || spec?.volumeName || metadata.deletionTimestamp) return false;
  if (metadata.annotations?.[PROVISIONER] !== PROVISIONER_NAME) return false;
  return !waitsForConsumer(storageClass) || metadata.annotations[SELECTED_NODE] !== undefined;
}

function refusalOf({ metadata, spec }: PersistentVolumeClaim): string | undefined {
  if (spec?.selector) return "claim.Spec.Selector is not supported";
  const onlyOne = ["ReadWriteOnce", "ReadWriteOncePod"];
  if (spec?.accessModes?.some((mode) => !onlyOne.includes(mode))) {
    return "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes";
  }
  return metadata?.annotations?.[SELECTED_NODE] === undefined
    ? "configuration error, no node was specified"
    : undefined;
}

function volumeFor(claim: Stored<PersistentVolumeClaim>, storageClass: StorageClass): PersistentVolume {
  const { uid, name, namespace = "", resourceVersion, annotations } = claim.metadata;
  const node = annotations?.[SELECTED_NODE] ?? "";
  const volume = `pvc-${uid}`;
  return {
    metadata: { name: volume, annotations: { [SELECTED]: node, [PROVISIONED_BY]: PROVISIONER_NAME } },
    spec: {
      accessModes: claim.spec?.accessModes,
      capacity: { storage: claim.spec?.resources?.requests?.storage ?? "0" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, resourceVersion, uid },
      hostPath: { path: `${ROOT}/${volume}_${namespace}_${name}`, type: "DirectoryOrCreate" },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: "In", values: [node] }] }] },
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      storageClassName: classOf(claim),
      volumeMode: claim.spec?.volumeMode,
    },
  };
}
