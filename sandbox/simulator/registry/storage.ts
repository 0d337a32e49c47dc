import type {
  CSIDriver,
  CSINode,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from "../api/generated/kubernetes";
import { toTime } from "../clock";
import { asSent } from "./as-sent";
import { accessModesCell, ageCell, nameCell } from "./cells";
import {
  validateClaim,
  validateClaimUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolume,
  validateVolumeUpdate,
} from "./storage-validation";
import { columns, type Strategy } from "./strategy";

/** https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
export const claimStrategy: Strategy<PersistentVolumeClaim> = {
  defaults({ spec }) {
    if (spec) spec.volumeMode ||= "Filesystem";
  },
  prepareForCreate(claim) {
    claim.status = { phase: "Pending" };
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  printer: {
    columns: columns(
      "Name",
      "Status",
      "Volume",
      "Capacity",
      "Access Modes",
      "StorageClass",
      "VolumeAttributesClass",
      "Age",
      "+VolumeMode",
    ),
    row: (claim, now) => {
      const isBound = Boolean(claim.spec?.volumeName);
      return [
        nameCell(claim),
        claim.metadata?.deletionTimestamp ? "Terminating" : (claim.status?.phase ?? ""),
        claim.spec?.volumeName ?? "",
        isBound ? (claim.status?.capacity?.storage ?? "0") : "",
        isBound ? accessModesCell(claim.status?.accessModes) : "",
        claim.metadata?.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? claim.spec?.storageClassName ?? "",
        claim.spec?.volumeAttributesClassName ?? "<unset>",
        ageCell(claim, now),
        claim.spec?.volumeMode ?? "<unset>",
      ];
    },
  },
};

export const volumeStrategy: Strategy<PersistentVolume> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.persistentVolumeReclaimPolicy ||= "Retain";
    spec.volumeMode ||= "Filesystem";
    if (spec.hostPath) spec.hostPath.type ??= "";
  },
  prepareForCreate(volume, { clock }) {
    volume.status = { phase: "Pending", lastPhaseTransitionTime: toTime(clock.now()) };
  },
  prepareForStatusUpdate({ status }, old, { clock }) {
    if (status && status.phase !== old.status?.phase) status.lastPhaseTransitionTime = toTime(clock.now());
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  printer: {
    columns: columns(
      "Name",
      "Capacity",
      "Access Modes",
      "Reclaim Policy",
      "Status",
      "Claim",
      "StorageClass",
      "VolumeAttributesClass",
      "Reason",
      "Age",
      "+VolumeMode",
    ),
    row: (volume, now) => {
      const claim = volume.spec?.claimRef;
      return [
        nameCell(volume),
        volume.spec?.capacity?.storage ?? "0",
        accessModesCell(volume.spec?.accessModes),
        volume.spec?.persistentVolumeReclaimPolicy ?? "",
        volume.metadata?.deletionTimestamp ? "Terminating" : (volume.status?.phase ?? ""),
        claim ? `${claim.namespace ?? ""}/${claim.name ?? ""}` : "",
        volume.spec?.storageClassName ?? "",
        volume.spec?.volumeAttributesClassName ?? "<unset>",
        volume.status?.reason ?? "",
        ageCell(volume, now),
        volume.spec?.volumeMode ?? "<unset>",
      ];
    },
  },
};

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

export const storageClassStrategy: Strategy<StorageClass> = {
  defaults(storageClass) {
    storageClass.reclaimPolicy ||= "Delete";
    storageClass.volumeBindingMode ||= "Immediate";
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  printer: {
    columns: columns("Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"),
    row: (storageClass, now) => [
      nameCell(storageClass) + (storageClass.metadata?.annotations?.[DEFAULT_CLASS] === "true" ? " (default)" : ""),
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? "Delete",
      storageClass.volumeBindingMode ?? "Immediate",
      storageClass.allowVolumeExpansion ?? false,
      ageCell(storageClass, now),
    ],
  },
};

export const csiNodeStrategy: Strategy<CSINode> = {
  printer: {
    columns: columns("Name", "Drivers:integer", "Age"),
    row: (node, now) => [nameCell(node), (asSent(node.spec.drivers) ?? []).length, ageCell(node, now)],
  },
};

export const csiDriverStrategy: Strategy<CSIDriver> = {
  printer: {
    columns: columns(
      "Name",
      "AttachRequired:boolean",
      "PodInfoOnMount:boolean",
      "StorageCapacity:boolean",
      "TokenRequests",
      "RequiresRepublish:boolean",
      "Modes",
      "Age",
    ),
    row: (driver, now) => [
      nameCell(driver),
      driver.spec.attachRequired ?? true,
      driver.spec.podInfoOnMount ?? false,
      driver.spec.storageCapacity ?? false,
      (driver.spec.tokenRequests ?? []).map(({ audience }) => audience).join(",") || "<unset>",
      driver.spec.requiresRepublish ?? false,
      (driver.spec.volumeLifecycleModes ?? []).join(",") || "<unset>",
      ageCell(driver, now),
    ],
  },
};
