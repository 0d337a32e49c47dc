import { duplicateValue, forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { KeyToPath, Volume } from "../api/generated/kubernetes";
import { labelNameFaults } from "./names";

/** https://kubernetes.io/docs/concepts/storage/volumes/ */
export function validateVolumes(volumes: readonly Volume[], path: string): FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${path}[${index}]`;
    const errors = validateSource(volume, at);
    if (!volume.name) errors.push(requiredValue(`${at}.name`));
    else errors.push(...labelNameFaults(volume.name).map((fault) => invalidValue(`${at}.name`, volume.name, fault)));
    if (volume.name && names.has(volume.name)) errors.push(duplicateValue(`${at}.name`, volume.name));
    names.add(volume.name);
    return errors;
  });
}

// In the order in which the server looks at them: the second one found is one too many.
const SOURCES = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "downwardAPI",
  "fc",
  "azureFile",
  "configMap",
  "vsphereVolume",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "storageos",
  "scaleIO",
  "projected",
  "csi",
  "flexVolume",
  "ephemeral",
  "image",
] as const;

function validateSource(volume: Volume, path: string): FieldError[] {
  const set = SOURCES.filter((source) => volume[source] !== undefined);
  const errors = set
    .slice(1)
    .map((source) => forbiddenValue(`${path}.${source}`, "may not specify more than 1 volume type"));
  switch (set[0]) {
    case "hostPath":
      return [...errors, ...validateHostPath(volume.hostPath?.path ?? "", `${path}.hostPath.path`)];
    case "secret": {
      const { secretName, defaultMode, items } = volume.secret ?? {};
      if (!secretName) errors.push(requiredValue(`${path}.secret.secretName`));
      return [...errors, ...validateFiles(`${path}.secret`, defaultMode, items)];
    }
    case "configMap": {
      const { name, defaultMode, items } = volume.configMap ?? {};
      if (!name) errors.push(requiredValue(`${path}.configMap.name`));
      return [...errors, ...validateFiles(`${path}.configMap`, defaultMode, items)];
    }
    case "persistentVolumeClaim":
      if (!volume.persistentVolumeClaim?.claimName)
        errors.push(requiredValue(`${path}.persistentVolumeClaim.claimName`));
      return errors;
    case "nfs": {
      const { server, path: way } = volume.nfs ?? { server: "", path: "" };
      if (!server) errors.push(requiredValue(`${path}.nfs.server`));
      if (!way) errors.push(requiredValue(`${path}.nfs.path`));
      if (way && !way.startsWith("/")) errors.push(invalidValue(`${path}.nfs.path`, way, "must be an absolute path"));
      return errors;
    }
    default:
      return errors;
  }
}

function validateHostPath(way: string, path: string): FieldError[] {
  if (way === "") return [requiredValue(path)];
  return way.split("/").includes("..") ? [invalidValue(path, way, "must not contain '..'")] : [];
}

const MODE_RULE = "must be a number between 0 and 0777 (octal), both inclusive";

function validateFiles(path: string, mode: number | undefined, items: readonly KeyToPath[] = []): FieldError[] {
  const errors = validateMode(`${path}.defaultMode`, mode);
  items.forEach((item, index) => {
    const at = `${path}.items[${index}]`;
    if (!item.key) errors.push(requiredValue(`${at}.key`));
    if (!item.path) errors.push(requiredValue(`${at}.path`));
    else errors.push(...relativePath(`${at}.path`, item.path));
    errors.push(...validateMode(`${at}.mode`, item.mode));
  });
  return errors;
}

function validateMode(path: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [invalidValue(path, mode, MODE_RULE)] : [];
}

/** A way that stays below where it starts. */
export function relativePath(path: string, way: string): FieldError[] {
  const errors = way.startsWith("/") ? [invalidValue(path, way, "must be a relative path")] : [];
  return way.split("/").includes("..") ? [...errors, invalidValue(path, way, "must not contain '..'")] : errors;
}
