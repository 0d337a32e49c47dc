import type { PersistentVolumeClaim } from "../../api/generated/kubernetes";
import { compareQuantities } from "../../api/quantity";
import { forbidden } from "../../api/status";
import { STORAGE_CLASSES } from "../../registry/references";
import type { Admission } from "./admission";

/** A claim grows only where its class says that volumes can. */
export const claimResize: Admission = {
  validate({ operation, resource, subresource, object, old, context }) {
    if (operation !== "update" || resource.group !== "" || resource.name !== "persistentvolumeclaims") return undefined;
    if (subresource !== "" || !object || !old) return undefined;
    const claim = object as PersistentVolumeClaim;
    const before = old as PersistentVolumeClaim;
    if (compareQuantities(storageOf(claim), storageOf(before)) <= 0) return undefined;
    const name = claim.metadata?.name ?? "";
    if (before.status?.phase !== "Bound") {
      throw forbidden(resource, name, "only bound persistent volume claims can be expanded");
    }
    const storageClass = context.lookup(STORAGE_CLASSES, "", claim.spec?.storageClassName ?? "");
    if (storageClass?.allowVolumeExpansion) return undefined;
    const why =
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    throw forbidden(resource, name, why);
  },
};

function storageOf({ spec }: PersistentVolumeClaim): string {
  return spec?.resources?.requests?.storage ?? "0";
}
