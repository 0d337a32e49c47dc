import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../api/generated/kubernetes";
import { keyOf, type Stored } from "../api/object";
import { compareQuantities } from "../api/quantity";
import type { Client } from "../client/client";
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from "../client/resources";
import type { SharedInformers } from "../client/shared-informers";
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, NO_PROVISIONER, SELECTED_NODE } from "../volumes/annotations";
import { bestMatch } from "../volumes/matching";
import { claimKeys, podClaims } from "../volumes/pod-claims";
import { classOf, waitsForConsumer } from "../volumes/storage-class";
import { matchesTerm } from "../api/node-affinity";
import type { Filter, Refusal } from "./filters/filter";

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

const CLAIM_INDEX = "claim";

/** What a pod's claims say about where it may run. */
export type VolumePlan =
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "open"; readonly bound: readonly Claim[]; readonly unbound: readonly Claim[] }
  /** Sent to that node before; its volumes are not all there yet. */
  | { readonly kind: "waiting" }
  | { readonly kind: "ready"; readonly node: string };

export interface VolumeBindingOptions {
  readonly client: Client;
  readonly informers: SharedInformers;
  /** Claims, volumes or classes have changed: pods that fitted nowhere may fit now. */
  readonly changed: () => void;
  /** The volumes that the pod of this key waits for may be there. */
  readonly progressed: (pod: string) => void;
}

/**
 * The part of scheduling that looks at claims: which nodes reach the volumes, and which volumes a pod's node takes.
 * https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 */
export class VolumeBinding {
  readonly #options: VolumeBindingOptions;
  /** Pods, by UID, whose node is chosen and whose volumes are on their way. */
  readonly #reserved = new Map<string, { readonly pod: string; readonly claims: readonly string[]; node: string }>();

  /** Make it before the informers start. */
  constructor(options: VolumeBindingOptions) {
    this.#options = options;
    const { pods, persistentVolumeClaims, persistentVolumes, storageClasses } = options.informers;
    pods.addIndex(CLAIM_INDEX, claimKeys);
    const changed = (): void => options.changed();
    const claimChanged = (claim: Claim): void => {
      for (const { pod, claims } of this.#reserved.values()) if (claims.includes(keyOf(claim))) options.progressed(pod);
      options.changed();
    };
    persistentVolumeClaims.addHandler({ added: claimChanged, updated: (_, claim) => claimChanged(claim) });
    persistentVolumes.addHandler({ added: changed, updated: changed });
    storageClasses.addHandler({ added: changed, updated: changed });
    pods.addHandler({ deleted: ({ metadata }) => void this.#reserved.delete(metadata.uid) });
  }

  isReserved({ metadata }: Stored<Pod>): boolean {
    return this.#reserved.has(metadata.uid);
  }

  plan(pod: Stored<Pod>): VolumePlan {
    const bound: Claim[] = [];
    const unbound: Claim[] = [];
    for (const { claim: name, ephemeral } of podClaims(pod)) {
      const claim = this.#options.informers.persistentVolumeClaims.get(pod.metadata.namespace ?? "", name);
      const message = refusalOf(name, claim, ephemeral);
      if (message !== undefined || !claim) return { kind: "refused", message: message ?? "" };
      (isBound(claim) ? bound : unbound).push(claim);
    }
    const reserved = this.#reserved.get(pod.metadata.uid);
    if (reserved) return unbound.length === 0 ? { kind: "ready", node: reserved.node } : { kind: "waiting" };
    if (unbound.some((claim) => !this.#waits(claim) || claim.spec?.volumeName)) {
      return { kind: "refused", message: "pod has unbound immediate PersistentVolumeClaims" };
    }
    return { kind: "open", bound, unbound };
  }

  /** The filter for one pod's plan. */
  filterFor(pod: Stored<Pod>, plan: VolumePlan): Filter {
    if (plan.kind !== "open" || plan.bound.length + plan.unbound.length === 0) return () => undefined;
    const taken = this.#takenAlone(pod, [...plan.bound, ...plan.unbound]);
    return (_, { node }) => (taken ? ALONE : this.#refusal(plan, node));
  }

  /** Takes volumes for the pod on its node. True when nothing is left to wait for. */
  async bind(pod: Stored<Pod>, plan: VolumePlan, node: Stored<Node>): Promise<boolean> {
    if (plan.kind !== "open" || plan.unbound.length === 0) return true;
    const { client } = this.#options;
    const reservation = { pod: keyOf(pod), claims: plan.unbound.map(keyOf), node: node.metadata.name };
    this.#reserved.set(pod.metadata.uid, reservation);
    try {
      for (const [claim, volume] of this.#choose(plan.unbound, node)) {
        if (volume) await this.#reserveVolume(claim, volume);
        else {
          const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node.metadata.name };
          await client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations } });
        }
      }
    } catch (error) {
      this.#reserved.delete(pod.metadata.uid);
      throw error;
    }
    return false;
  }

  /** The pod is on its node, or will not get there. */
  forget({ metadata }: Stored<Pod>): void {
    this.#reserved.delete(metadata.uid);
  }

  #refusal({ bound, unbound }: { bound: readonly Claim[]; unbound: readonly Claim[] }, node: Stored<Node>) {
    const reasons: string[] = [];
    for (const claim of bound) {
      const volume = this.#options.informers.persistentVolumes.get("", claim.spec?.volumeName ?? "");
      if (!volume) reasons.push("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
      else if (!isReachable(volume, node)) reasons.push("node(s) had volume node affinity conflict");
    }
    for (const [claim, volume] of this.#choose(unbound, node)) {
      if (!volume && !this.#canProvision(claim, node)) {
        reasons.push("node(s) didn't find available persistent volumes to bind");
      }
    }
    return reasons.length > 0 ? { reasons: [...new Set(reasons)], resolvable: false } : undefined;
  }

  /** A volume for each claim, smaller claims first; `undefined` where one must be made. */
  #choose(claims: readonly Claim[], node: Stored<Node>): [Claim, Volume | undefined][] {
    const taken = new Set<string>();
    const smallestFirst = [...claims].sort((a, b) => compareQuantities(wanted(a), wanted(b)));
    return smallestFirst.map((claim) => {
      const volumes = this.#options.informers.persistentVolumes.list();
      const reaches = (volume: Volume): boolean => isReachable(volume, node);
      const volume = bestMatch(claim, volumes, { delayed: true, isReachable: reaches, taken });
      if (volume) taken.add(volume.metadata.name);
      return [claim, volume];
    });
  }

  #canProvision(claim: Claim, node: Stored<Node>): boolean {
    const storageClass = this.#options.informers.storageClasses.get("", classOf(claim));
    if (!storageClass || storageClass.provisioner === NO_PROVISIONER) return false;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== node.metadata.name) return false;
    const topologies = storageClass.allowedTopologies ?? [];
    return (
      topologies.length === 0 ||
      topologies.some(({ matchLabelExpressions = [] }) =>
        matchLabelExpressions.every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? "")),
      )
    );
  }

  async #reserveVolume(claim: Claim, volume: Volume): Promise<void> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, resourceVersion, uid };
    const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: "yes" };
    const metadata = { ...volume.metadata, annotations };
    await this.#options.client.update(PERSISTENT_VOLUMES, { ...volume, metadata, spec: { ...volume.spec, claimRef } });
  }

  #waits(claim: Claim): boolean {
    return waitsForConsumer(this.#options.informers.storageClasses.get("", classOf(claim)));
  }

  /** Whether another pod has a claim that only one pod may use. */
  #takenAlone(pod: Stored<Pod>, claims: readonly Claim[]): boolean {
    const { pods } = this.#options.informers;
    return claims
      .filter(({ spec }) => spec?.accessModes?.includes("ReadWriteOncePod"))
      .some((claim) =>
        pods
          .byIndex(CLAIM_INDEX, keyOf(claim))
          .some((other) => other.metadata.uid !== pod.metadata.uid && other.spec?.nodeName && !hasEnded(other)),
      );
  }
}

const ALONE: Refusal = {
  reasons: ["node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"],
  resolvable: true,
};

function refusalOf(name: string, claim: Claim | undefined, ephemeral: boolean): string | undefined {
  if (!claim) {
    return ephemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === "Lost") {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ""}"`;
  }
  return claim.metadata.deletionTimestamp ? `persistentvolumeclaim "${name}" is being deleted` : undefined;
}

function isBound({ metadata, spec }: Claim): boolean {
  return Boolean(spec?.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

function isReachable({ spec }: Volume, node: Stored<Node>): boolean {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms.some((term) => matchesTerm(term, node));
}

function wanted({ spec }: Claim): string {
  return spec?.resources?.requests?.storage ?? "0";
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
