import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";

const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";
const DEFAULT_CLASS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** The class a claim or volume names, "" when it names none. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata?.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? "";
}

/** Whether a claim leaves its class to the cluster; "" says that it wants none. */
export function leavesClassOpen({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata?.annotations?.[BETA_CLASS] === undefined && spec?.storageClassName === undefined;
}

/**
 * The class of claims that name none: of several defaults the newest, then the first by name.
 * https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
 */
export function defaultClass(classes: readonly Stored<StorageClass>[]): Stored<StorageClass> | undefined {
  return classes
    .filter(({ metadata }) => DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === "true"))
    .sort((a, b) => {
      const [made, other] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
      if (made !== other) return made > other ? -1 : 1;
      return a.metadata.name < b.metadata.name ? -1 : 1;
    })[0];
}

/** Whether claims of the class wait for a pod before they get a volume. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}
