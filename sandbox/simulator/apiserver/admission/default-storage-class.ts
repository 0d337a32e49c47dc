import type { PersistentVolumeClaim } from "../../api/generated/kubernetes";
import { STORAGE_CLASSES } from "../../registry/references";
import { defaultClass, leavesClassOpen } from "../../volumes/storage-class";
import type { Admission } from "./admission";

/** A new claim that names no class gets the default one, if there is one. */
export const defaultStorageClass: Admission = {
  admit({ operation, resource, subresource, object, context }) {
    if (operation !== "create" || resource.group !== "" || resource.name !== "persistentvolumeclaims") return;
    if (subresource !== "") return;
    const claim = object as PersistentVolumeClaim;
    if (!claim.spec || !leavesClassOpen(claim)) return;
    const chosen = defaultClass(context.list(STORAGE_CLASSES, ""));
    if (chosen) claim.spec.storageClassName = chosen.metadata.name;
  },
};
