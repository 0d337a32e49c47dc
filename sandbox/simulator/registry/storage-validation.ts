import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  StorageClass,
} from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { compareQuantities, parseQuantity, QUANTITY_RULE } from "../api/quantity";
import { asSent } from "./as-sent";
import { oneOf, requiredName, validateLabelSelector } from "./field-rules";
import { qualifiedNameFaults, subdomainFaults } from "./names";
import { structDiff } from "./struct-diff";

const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES = ["Block", "Filesystem"];
/** What a volume is made of, in the order in which validation looks. */
const SOURCES = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "flocker",
  "nfs",
  "rbd",
  "quobyte",
  "cephfs",
  "iscsi",
  "cinder",
  "fc",
  "flexVolume",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "scaleIO",
  "local",
  "storageos",
  "csi",
] as const satisfies readonly (keyof PersistentVolumeSpec)[];

export function validateClaim({ spec = {} }: PersistentVolumeClaim): FieldError[] {
  const errors = validateLabelSelector("spec.selector", spec.selector);
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(requiredValue("spec.accessModes", "at least 1 access mode is required"));
  errors.push(...validateAccessModes(modes));
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(requiredValue("spec.resources[storage]"));
  else errors.push(...positive("spec.resources[storage]", storage));
  const { storageClassName, volumeMode, volumeAttributesClassName } = spec;
  if (storageClassName) errors.push(...requiredName("spec.storageClassName", storageClassName, subdomainFaults));
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    errors.push(notSupported("spec.volumeMode", volumeMode, VOLUME_MODES));
  }
  if (volumeAttributesClassName) {
    errors.push(...requiredName("spec.volumeAttributesClassName", volumeAttributesClassName, subdomainFaults));
  }
  return errors;
}

/** A claim is what it was made as; only a bound one may ask for more. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: Stored<PersistentVolumeClaim>): FieldError[] {
  const errors = validateClaim(claim);
  const [spec = {}, was = {}] = [claim.spec, old.spec];
  const isBound = old.status?.phase === "Bound";
  const munged: PersistentVolumeClaimSpec = { ...spec };
  // The binder writes the volume's name, once; a class may be given to a claim that has none.
  if (!was.volumeName) munged.volumeName = was.volumeName;
  if (was.storageClassName === undefined && !isBound) munged.storageClassName = undefined;
  if (isBound) {
    munged.volumeAttributesClassName = was.volumeAttributesClassName;
    munged.resources = {
      ...spec.resources,
      requests: withStorage(spec.resources?.requests, was.resources?.requests?.storage),
    };
  }
  if (!equalJson(munged, was)) {
    const rule =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    const difference = structDiff("core.v1.PersistentVolumeClaimSpec", was, munged);
    errors.push(forbiddenValue("spec", `${rule}\n${difference}`));
    return errors;
  }
  const [wanted, standing] = [spec.resources?.requests?.storage, was.resources?.requests?.storage];
  if (wanted !== undefined && standing !== undefined && compareQuantities(wanted, standing) < 0) {
    if (compareQuantities(wanted, old.status?.capacity?.storage ?? "0") <= 0) {
      errors.push(forbiddenValue("spec.resources.requests.storage", "field can not be less than status.capacity"));
    }
  }
  return errors;
}

function withStorage(
  requests: Record<string, string> | undefined,
  storage: string | undefined,
): Record<string, string> | undefined {
  return requests && storage !== undefined ? { ...requests, storage } : requests;
}

export function validateVolume({ spec = {} }: PersistentVolume): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(requiredValue("spec.accessModes"));
  errors.push(...validateAccessModes(modes));
  const capacity = spec.capacity ?? {};
  const names = Object.keys(capacity);
  if (names.length === 0) errors.push(requiredValue("spec.capacity"));
  if (capacity.storage === undefined || names.length > 1) {
    errors.push(notSupported("spec.capacity", spec.capacity, ["storage"]));
  }
  for (const [name, amount] of Object.entries(capacity)) errors.push(...positive(`spec.capacity[${name}]`, amount));
  if (spec.persistentVolumeReclaimPolicy) {
    const policies = ["Delete", "Recycle", "Retain"];
    errors.push(...oneOf("spec.persistentVolumeReclaimPolicy", spec.persistentVolumeReclaimPolicy, policies));
  }
  errors.push(...validateSource(spec));
  if (spec.storageClassName) {
    errors.push(...requiredName("spec.storageClassName", spec.storageClassName, subdomainFaults));
  }
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) {
    errors.push(notSupported("spec.volumeMode", spec.volumeMode, VOLUME_MODES));
  }
  return errors;
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const [first, ...others] = SOURCES.filter((source) => spec[source] !== undefined);
  if (first === undefined) return [requiredValue("spec", "must specify a volume type")];
  const errors = others.map((source) => forbiddenValue(`spec.${source}`, "may not specify more than 1 volume type"));
  if (spec.hostPath) errors.push(...validatePath(spec.hostPath.path, "spec.hostPath.path"));
  if (spec.nfs) {
    if (!spec.nfs.server) errors.push(requiredValue("spec.nfs.server"));
    if (!spec.nfs.path) errors.push(requiredValue("spec.nfs.path"));
    else if (!spec.nfs.path.startsWith("/")) {
      errors.push(invalidValue("spec.nfs.path", spec.nfs.path, "must be an absolute path"));
    }
  }
  if (spec.local) {
    if (!spec.local.path) errors.push(requiredValue("spec.local.path"));
    if (!spec.nodeAffinity) errors.push(requiredValue("spec.nodeAffinity", "Local volume requires node affinity"));
  }
  if (spec.hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle") {
    const why = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenValue("spec.persistentVolumeReclaimPolicy", why));
  }
  return errors;
}

function validatePath(path: string, at: string): FieldError[] {
  if (!path) return [requiredValue(at)];
  return path.split("/").includes("..") ? [invalidValue(at, path, "must not contain '..'")] : [];
}

export function validateVolumeUpdate(volume: PersistentVolume, old: Stored<PersistentVolume>): FieldError[] {
  const errors = validateVolume(volume);
  const [spec, was] = [sourceOf(volume.spec), sourceOf(old.spec)];
  if (!equalJson(spec, was)) {
    const difference = structDiff("core.v1.PersistentVolumeSource", was, spec);
    const why = `spec.persistentvolumesource is immutable after creation\n${difference}`;
    errors.push(forbiddenValue("spec.persistentvolumesource", why));
  }
  if (volume.spec?.volumeMode !== old.spec?.volumeMode) {
    errors.push(invalidValue("spec.volumeMode", volume.spec?.volumeMode, "field is immutable"));
  }
  if (old.spec?.nodeAffinity && !equalJson(volume.spec?.nodeAffinity, old.spec.nodeAffinity)) {
    errors.push(invalidValue("spec.nodeAffinity", volume.spec?.nodeAffinity, "field is immutable"));
  }
  return errors;
}

function sourceOf(spec: PersistentVolumeSpec | undefined): Record<string, unknown> {
  const present = SOURCES.filter((source) => spec?.[source] !== undefined);
  return Object.fromEntries(present.map((source) => [source, spec?.[source]]));
}

function validateAccessModes(modes: readonly string[]): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported("spec.accessModes", mode, ACCESS_MODES));
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    errors.push(forbiddenValue("spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
  }
  return errors;
}

function positive(path: string, amount: string): FieldError[] {
  const quantity = parseQuantity(amount);
  if (!quantity) return [invalidValue(path, amount, QUANTITY_RULE)];
  return quantity.nano <= 0n ? [invalidValue(path, amount, "must be greater than zero")] : [];
}

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const provisioner = asSent(storageClass.provisioner) ?? "";
  const errors: FieldError[] = [];
  if (provisioner === "") errors.push(requiredValue("provisioner"));
  else {
    errors.push(
      ...qualifiedNameFaults(provisioner.toLowerCase()).map((fault) => invalidValue("provisioner", provisioner, fault)),
    );
  }
  if (Object.keys(storageClass.parameters ?? {}).includes("")) {
    errors.push(invalidValue("parameters", "", "field can not be empty."));
  }
  if (storageClass.reclaimPolicy) {
    errors.push(...oneOf("reclaimPolicy", storageClass.reclaimPolicy, ["Delete", "Retain"]));
  }
  return [
    ...errors,
    ...oneOf("volumeBindingMode", storageClass.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
  ];
}

export function validateStorageClassUpdate(now: StorageClass, old: Stored<StorageClass>): FieldError[] {
  const errors: FieldError[] = [];
  for (const part of ["parameters", "provisioner", "reclaimPolicy"] as const) {
    if (equalJson(now[part], old[part])) continue;
    errors.push(forbiddenValue(part, `updates to ${part} are forbidden.`));
  }
  if (now.volumeBindingMode !== old.volumeBindingMode) {
    errors.push(invalidValue("volumeBindingMode", now.volumeBindingMode, "field is immutable"));
  }
  return errors;
}
