import type { ClusterObject } from "./object-source";
import { isPodReady } from "./facts";

/**
 * What the pods of each controller have been through since the checks began, as far as a watch shows it: which pods
 * were ready once, and which of them are gone. Level-driven checks cannot see a pod that is no longer there.
 */
export class PodHistory {
  /** Pods that are there: uid → their controller and whether they have been ready. */
  readonly #present = new Map<string, { owner: string; wasReady: boolean }>();
  /** Per controller: the pods that were there when the first once-ready pod began to go. */
  readonly #firstGeneration = new Map<string, ReadonlySet<string>>();
  readonly #everReady = new Set<string>();

  note(pod: ClusterObject): void {
    const uid = pod.metadata?.uid;
    const owner = controllerUid(pod);
    if (uid === undefined || owner === undefined) return;
    const wasReady = (this.#present.get(uid)?.wasReady ?? false) || isPodReady(pod);
    this.#present.set(uid, { owner, wasReady });
    if (wasReady) this.#everReady.add(owner);
    if (wasReady && pod.metadata?.deletionTimestamp !== undefined) this.#markGone(owner);
  }

  forget(uid: string): void {
    const pod = this.#present.get(uid);
    if (!pod) return;
    if (pod.wasReady) this.#markGone(pod.owner);
    this.#present.delete(uid);
  }

  /** After a new list: what it does not hold has gone unseen. */
  keepOnly(uids: ReadonlySet<string>): void {
    for (const uid of [...this.#present.keys()]) if (!uids.has(uid)) this.forget(uid);
  }

  hadReadyPod(owner: string): boolean {
    return this.#everReady.has(owner);
  }

  lostReadyPod(owner: string): boolean {
    return this.#firstGeneration.has(owner);
  }

  /** Whether the pod came after its controller lost a ready one. */
  isReplacement(pod: ClusterObject): boolean {
    const first = this.#firstGeneration.get(controllerUid(pod) ?? "");
    return first !== undefined && !first.has(pod.metadata?.uid ?? "");
  }

  #markGone(owner: string): void {
    if (this.#firstGeneration.has(owner)) return;
    const here = [...this.#present].filter(([, pod]) => pod.owner === owner).map(([uid]) => uid);
    this.#firstGeneration.set(owner, new Set(here));
  }
}

export function controllerUid(object: ClusterObject): string | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller)?.uid;
}
