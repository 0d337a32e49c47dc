import type { PersistentVolume, PersistentVolumeClaim } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import { compareQuantities } from "../api/quantity";
import { classOf } from "./storage-class";

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

export interface MatchOptions {
  /** The claim waits for a pod: only a volume that is reserved for it will do before that. */
  readonly delayed: boolean;
  /** Whether the pod's node reaches a volume; without it nodes do not matter yet. */
  readonly isReachable?: (volume: Volume) => boolean;
  /** Volumes that another claim is about to get. */
  readonly taken?: ReadonlySet<string>;
}

/**
 * The volume that serves a claim best: one reserved for it, else the smallest that is large enough, among those with
 * the fewest further access modes. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding
 */
export function bestMatch(claim: Claim, volumes: readonly Volume[], options: MatchOptions): Volume | undefined {
  const candidates = volumes.filter((volume) => isCandidate(volume, claim));
  const reserved = candidates.find((volume) => isClaimedBy(volume, claim));
  if (reserved) return options.isReachable && !options.isReachable(reserved) ? undefined : reserved;
  if (options.delayed && !options.isReachable) return undefined;
  const free = candidates.filter((volume) => isFree(volume, claim, options));
  return free.sort(bySizeWithinModes)[0];
}

/** Whether the volume is reserved for, or bound to, this very claim. */
export function isClaimedBy({ spec }: PersistentVolume, { metadata }: Claim): boolean {
  const claim = spec?.claimRef;
  if (!claim || claim.name !== metadata.name || claim.namespace !== metadata.namespace) return false;
  return claim.uid === undefined || claim.uid === "" || claim.uid === metadata.uid;
}

/** Why a volume that a claim names cannot be bound to it, in the binder's words. */
export function mismatch(volume: Volume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (!isLargeEnough(volume, claim)) return "requested PV is too small";
  if (classOf(volume) !== classOf(claim)) return "storageClassName does not match";
  if (!hasSameMode(volume, claim)) return "incompatible volumeMode";
  if (!offersModes(volume, claim)) return "incompatible accessMode";
  return undefined;
}

function isCandidate(volume: Volume, claim: Claim): boolean {
  if (volume.spec?.claimRef && !isClaimedBy(volume, claim)) return false;
  if (volume.metadata.deletionTimestamp || !offersModes(volume, claim)) return false;
  const attributes = volume.spec?.volumeAttributesClassName ?? "";
  if (attributes !== (claim.spec?.volumeAttributesClassName ?? "")) return false;
  return isLargeEnough(volume, claim) && hasSameMode(volume, claim);
}

function isFree(volume: Volume, claim: Claim, { isReachable, taken }: MatchOptions): boolean {
  if (volume.status?.phase !== "Available" || taken?.has(volume.metadata.name)) return false;
  if (classOf(volume) !== classOf(claim)) return false;
  const selector = claim.spec?.selector;
  if (selector) {
    const wanted = selectorFrom(selector);
    if (!wanted || !matchesLabels(wanted, volume.metadata.labels)) return false;
  }
  return !isReachable || isReachable(volume);
}

function bySizeWithinModes(a: Volume, b: Volume): number {
  const modes = (a.spec?.accessModes ?? []).length - (b.spec?.accessModes ?? []).length;
  if (modes !== 0) return modes;
  const size = compareQuantities(a.spec?.capacity?.storage ?? "0", b.spec?.capacity?.storage ?? "0");
  if (size !== 0) return size;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function isLargeEnough(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const wanted = claim.spec?.resources?.requests?.storage ?? "0";
  return compareQuantities(volume.spec?.capacity?.storage ?? "0", wanted) >= 0;
}

function hasSameMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeMode ?? "Filesystem") === (claim.spec?.volumeMode ?? "Filesystem");
}

function offersModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = volume.spec?.accessModes ?? [];
  return (claim.spec?.accessModes ?? []).every((mode) => offered.includes(mode));
}
