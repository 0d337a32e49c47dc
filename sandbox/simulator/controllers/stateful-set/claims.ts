import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet } from "../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";
import { isNotFound } from "../../api/status";
import type { Client } from "../../client/client";
import type { Lister } from "../../client/informer";
import { PERSISTENT_VOLUME_CLAIMS } from "../../client/resources";
import { claimName } from "./identity";

/** A claim of that name is on its way out; the next comes once it is gone. */
export class ClaimIsLeavingError extends Error {
  override readonly name = "ClaimIsLeavingError";
}

/** The claims of a StatefulSet's pods. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#volume-claim-templates */
export class Claims {
  readonly #client: Client;
  readonly #lister: Lister<PersistentVolumeClaim>;

  constructor(client: Client, lister: Lister<PersistentVolumeClaim>) {
    this.#client = client;
    this.#lister = lister;
  }

  /** Makes the claims of an ordinal that are not there; tells `made` of each. */
  async create(
    set: Stored<StatefulSet>,
    ordinal: number,
    made: (name: string, error?: unknown) => void,
  ): Promise<void> {
    for (const claim of claimsOf(set, ordinal)) {
      const name = claim.metadata?.name ?? "";
      const existing = this.#lister.get(set.metadata.namespace ?? "", name);
      if (existing?.metadata.deletionTimestamp) throw new ClaimIsLeavingError(`pvc ${name} is being deleted`);
      if (existing) continue;
      try {
        await this.#client.create(PERSISTENT_VOLUME_CLAIMS, claim);
        made(name);
      } catch (error) {
        made(name, error);
        throw error;
      }
    }
  }

  /** Whether a claim of the ordinal still belongs to the pod that was there before and will go with it. */
  isStale(set: Stored<StatefulSet>, ordinal: number): boolean {
    if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return false;
    return this.#existing(set, ordinal).some((claim) =>
      claim.metadata.ownerReferences?.some(({ kind }) => kind === "Pod"),
    );
  }

  /**
   * Gives the claims of an ordinal the owner that the retention policy asks for: the set, or the pod once it is to go.
   * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
   */
  async retain(set: Stored<StatefulSet>, ordinal: number, pod: Stored<Pod>, isLeaving: boolean): Promise<void> {
    const owner = wantedOwner(set, pod, isLeaving);
    for (const claim of this.#existing(set, ordinal)) {
      const before = claim.metadata.ownerReferences ?? [];
      const others = before.filter(({ uid, kind }) => uid !== set.metadata.uid && kind !== "Pod");
      const after = owner ? [...others, owner] : others;
      if (equalJson(before, after)) continue;
      const copy = cloneJson(claim);
      copy.metadata.ownerReferences = after;
      try {
        await this.#client.update(PERSISTENT_VOLUME_CLAIMS, copy);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  #existing(set: Stored<StatefulSet>, ordinal: number): Stored<PersistentVolumeClaim>[] {
    const names = claimsOf(set, ordinal).map(({ metadata }) => metadata?.name ?? "");
    return names.flatMap((name) => this.#lister.get(set.metadata.namespace ?? "", name) ?? []);
  }
}

function claimsOf(set: Stored<StatefulSet>, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...metadata,
      name: claimName(set, metadata?.name ?? "", ordinal),
      namespace: set.metadata.namespace,
      labels: { ...metadata?.labels, ...set.spec?.selector.matchLabels },
    },
    spec,
  }));
}

function wantedOwner(set: Stored<StatefulSet>, pod: Stored<Pod>, isLeaving: boolean): OwnerReference | undefined {
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  if (isLeaving && whenScaled === "Delete") return controllerReference(pod);
  return whenDeleted === "Delete" ? controllerReference(set) : undefined;
}
