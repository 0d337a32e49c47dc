import type { Pod } from "../api/generated/kubernetes";
import { addQuantities, canonicalQuantity, wholeValue } from "../api/quantity";
import type { Clock, Timer } from "../clock";
import type { PodVolume } from "./node-files";

/** What a pod keeps on its node's disk, in bytes: by volume and by container. Volumes in memory are none of it. */
export interface LocalStorage {
  readonly volumes: ReadonlyMap<string, number>;
  readonly containers: ReadonlyMap<string, number>;
}

// How often a kubelet looks: what grows is noticed within that time.
const LOOK_AFTER_MS = 10_000;

/** Whether anything of the pod limits what it may keep on disk. */
export function limitsStorage({ spec }: Pod): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return (
    containers.some(({ resources }) => resources?.limits?.["ephemeral-storage"] !== undefined) ||
    (spec?.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory")
  );
}

/**
 * Why a pod has to go, in the kubelet's words: a volume, the pod or a container holds more than it may.
 * https://kubernetes.io/docs/concepts/storage/ephemeral-storage/#resource-ephemeralstorage-consumption
 */
export function storageExcess({ spec }: Pod, used: LocalStorage): string | undefined {
  for (const { name, emptyDir } of spec?.volumes ?? []) {
    const limit = emptyDir?.medium === "Memory" ? undefined : emptyDir?.sizeLimit;
    if (limit !== undefined && (used.volumes.get(name) ?? 0) > wholeValue(limit))
      return `Usage of EmptyDir volume ${JSON.stringify(name)} exceeds the limit ${JSON.stringify(canonicalQuantity(limit))}. `;
  }
  const containers = spec?.containers ?? [];
  const limits = containers.flatMap(({ resources }) => resources?.limits?.["ephemeral-storage"] ?? []);
  const [first, ...others] = limits;
  if (first === undefined) return undefined;
  const whole = others.reduce(addQuantities, canonicalQuantity(first));
  const sum = [...used.volumes.values(), ...used.containers.values()].reduce((total, bytes) => total + bytes, 0);
  if (sum > wholeValue(whole))
    return `Pod ephemeral local storage usage exceeds the total limit of containers ${whole}. `;
  for (const { name, resources } of containers) {
    const limit = resources?.limits?.["ephemeral-storage"];
    if (limit !== undefined && (used.containers.get(name) ?? 0) > wholeValue(limit))
      return `Container ${name} exceeded its local ephemeral storage limit ${JSON.stringify(canonicalQuantity(limit))}. `;
  }
  return undefined;
}

/** What a pod's volumes of its own on disk hold. */
export function emptyDirBytes({ spec }: Pod, volumes: ReadonlyMap<string, PodVolume>): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, emptyDir } of spec?.volumes ?? []) {
    const files = emptyDir && emptyDir.medium !== "Memory" ? volumes.get(name)?.volume.files : undefined;
    if (files)
      found.set(
        name,
        [...files.values()].reduce((sum, { content }) => sum + content.byteLength, 0),
      );
  }
  return found;
}

/** Looks some time after something has grown, and not again before something grows again. */
export class StorageWatch {
  readonly #clock: Clock;
  readonly #look: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  readonly grown = (): void => {
    this.#timer ??= this.#clock.schedule(LOOK_AFTER_MS, () => {
      this.#timer = undefined;
      this.#look();
    });
  };

  stop(): void {
    this.#timer?.cancel();
  }
}
