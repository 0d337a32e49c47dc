import type { Pod, Volume } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";
import { isAlreadyExists, isNamespaceTerminating } from "../../api/status";
import { Controller } from "../../client/controller";
import { PERSISTENT_VOLUME_CLAIMS } from "../../client/resources";
import { recorderFor, type ControllerContext, type Runnable } from "../context";

/**
 * Makes the claims of pods' ephemeral volumes; they go with their pod.
 * https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes
 */
export class EphemeralVolumeController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #recorder;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#recorder = recorderFor(context, "ephemeral_volume");
    this.#controller = new Controller({
      name: "ephemeral-volume",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.pods, informers.persistentVolumeClaims],
      onError,
    });
    const look = (pod: Stored<Pod>): void => {
      if (pod.spec?.volumes?.some(({ ephemeral }) => ephemeral)) this.#controller.queue.add(keyOf(pod));
    };
    informers.pods.addHandler({ added: look });
    informers.persistentVolumeClaims.addHandler({
      deleted: ({ metadata }) => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller);
        const pod = owner && informers.pods.get(metadata.namespace ?? "", owner.name);
        if (pod) look(pod);
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

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.#context.informers.pods.get(namespace, name);
    if (!pod || pod.metadata.deletionTimestamp) return;
    for (const volume of pod.spec?.volumes ?? []) if (volume.ephemeral) await this.#claim(pod, volume);
  }

  async #claim(pod: Stored<Pod>, { name: volume, ephemeral }: Volume): Promise<void> {
    const { client, informers } = this.#context;
    const { namespace = "", name: podName, uid } = pod.metadata;
    const name = `${podName}-${volume}`;
    const present = informers.persistentVolumeClaims.get(namespace, name);
    if (present) {
      if (present.metadata.ownerReferences?.some((owner) => owner.uid === uid)) return;
      throw new Error(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`);
    }
    const template = ephemeral?.volumeClaimTemplate;
    const { labels, annotations } = template?.metadata ?? {};
    const metadata = { name, namespace, labels, annotations, ownerReferences: [controllerReference(pod)] };
    try {
      await client.create(PERSISTENT_VOLUME_CLAIMS, { metadata, spec: template?.spec });
    } catch (error) {
      if (isAlreadyExists(error) || isNamespaceTerminating(error)) return;
      const why = error instanceof Error ? error.message : String(error);
      const message = `ephemeral volume controller failed to create PVC ${name}: ${why}`;
      this.#recorder.event(pod, "Warning", "EphemeralVolumeFailed", message);
      throw error;
    }
  }
}
