import type { Admission } from "./admission";

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
  persistentvolumes: "kubernetes.io/pv-protection",
};

/** New claims and volumes do not go while they are in use. */
export const storageInUseProtection: Admission = {
  admit({ operation, resource, subresource, object }) {
    if (operation !== "create" || resource.group !== "" || subresource !== "" || !object) return;
    const finalizer = FINALIZERS[resource.name];
    if (finalizer === undefined) return;
    object.metadata ??= {};
    const present = object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) object.metadata.finalizers = [...present, finalizer];
  },
};
