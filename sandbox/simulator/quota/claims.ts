import type { PersistentVolumeClaim } from "../api/generated/kubernetes";
import type { QuotaEvaluator } from "./evaluator";

const NAMES = ["persistentvolumeclaims", "count/persistentvolumeclaims", "requests.storage"];
const OF_CLASS = ".storageclass.storage.k8s.io/";

export const claimEvaluator: QuotaEvaluator = {
  countsUpdates: true,
  measures: (name) =>
    NAMES.includes(name) ||
    name.endsWith(`${OF_CLASS}requests.storage`) ||
    name.endsWith(`${OF_CLASS}persistentvolumeclaims`),
  usage(object) {
    const { spec, metadata } = object as PersistentVolumeClaim;
    const storage = spec?.resources?.requests?.storage;
    const storageClass =
      metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec?.storageClassName ?? "";
    return {
      persistentvolumeclaims: "1",
      "count/persistentvolumeclaims": "1",
      ...(storage !== undefined && { "requests.storage": storage }),
      ...(storageClass !== "" && {
        [`${storageClass}${OF_CLASS}persistentvolumeclaims`]: "1",
        ...(storage !== undefined && { [`${storageClass}${OF_CLASS}requests.storage`]: storage }),
      }),
    };
  },
};
