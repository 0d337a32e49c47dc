import type { Pod, PodTemplateSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { controllerReference } from "../api/owner-references";
import { isNamespaceTerminating, isNotFound } from "../api/status";
import type { Client } from "../client/client";
import type { EventRecorder } from "../client/event-recorder";
import { PODS } from "../client/resources";

/** Makes and removes the pods of a workload and tells of it in events on the workload. */
export class PodControl {
  readonly #client: Client;
  readonly #recorder: EventRecorder;

  constructor(client: Client, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  async create(owner: Stored, template: PodTemplateSpec, generateName?: string): Promise<Stored<Pod>> {
    const pod = podFrom(owner, template, generateName);
    try {
      const created = await this.#client.create(PODS, pod);
      this.#recorder.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      // A namespace on its way out refuses everything; saying so again and again helps nobody.
      if (!isNamespaceTerminating(error)) {
        this.#recorder.event(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  /** A pod that is gone already is no error. */
  async delete(owner: Stored, pod: Stored<Pod>): Promise<void> {
    const { namespace = "", name } = pod.metadata;
    try {
      await this.#client.delete(PODS, { namespace, name });
      this.#recorder.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#recorder.event(owner, "Warning", "FailedDelete", `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }
}

export function podFrom(owner: Stored, template: PodTemplateSpec, generateName = `${owner.metadata.name}-`): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName,
      namespace: owner.metadata.namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong first, while the rest was still done. */
export interface Failed {
  readonly error: unknown;
}

/**
 * Runs `action` `count` times in batches of 1, 2, 4, …: when everything is refused (a quota, say) the first batch
 * tells, and the rest is never tried. Returns how many succeeded and the first error.
 */
export async function inSlowStartBatches(
  count: number,
  action: (index: number) => Promise<unknown>,
): Promise<{ done: number; error?: unknown }> {
  let done = 0;
  for (let size = 1, start = 0; start < count; start += size, size *= 2) {
    const batch = Array.from({ length: Math.min(size, count - start) }, (_, index) => action(start + index));
    const results = await Promise.allSettled(batch);
    const failed = results.find((result) => result.status === "rejected");
    done += results.filter((result) => result.status === "fulfilled").length;
    if (failed) return { done, error: failed.reason };
  }
  return { done };
}
