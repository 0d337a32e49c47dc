import { forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { ObjectMeta } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import { labelValueFaults, maskTrailingDash, qualifiedNameFaults, subdomainFaults } from "./names";

/** All annotations of an object together, in bytes. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

/** What every object's metadata must satisfy when it is created. */
export function validateMetadata(
  object: KubeObject,
  namespaced: boolean,
  ownNameFaults: (name: string, prefix: boolean) => string[] | undefined,
): FieldError[] {
  const metadata = object.metadata ?? {};
  const errors: FieldError[] = [];
  const name = metadata.name ?? "";
  const nameFaults = (text: string, prefix: boolean): string[] => ownNameFaults(text, prefix) ?? subdomainFaults(text);
  if (metadata.generateName) {
    const faults = nameFaults(maskTrailingDash(metadata.generateName), true);
    errors.push(...faults.map((fault) => invalidValue("metadata.generateName", metadata.generateName, fault)));
  }
  if (name === "") errors.push(requiredValue("metadata.name", "name or generateName is required"));
  else errors.push(...nameFaults(name, false).map((fault) => invalidValue("metadata.name", name, fault)));
  if (namespaced && !metadata.namespace) errors.push(requiredValue("metadata.namespace"));
  if (!namespaced && metadata.namespace) errors.push(forbiddenValue("metadata.namespace", "not allowed on this type"));
  errors.push(...validateAccessory(metadata));
  return errors;
}

function validateAccessory(metadata: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(metadata.labels, "metadata.labels"),
    ...validateAnnotations(metadata.annotations, "metadata.annotations"),
    ...validateOwnerReferences(metadata),
    ...validateFinalizers(metadata.finalizers ?? []),
  ];
}

export function validateMetadataUpdate(object: KubeObject, old: Stored): FieldError[] {
  const metadata = object.metadata ?? {};
  const errors: FieldError[] = [];
  const immutable = (field: "name" | "namespace" | "uid" | "creationTimestamp" | "deletionTimestamp"): void => {
    if ((metadata[field] ?? "") === (old.metadata[field] ?? "")) return;
    errors.push(invalidValue(`metadata.${field}`, metadata[field] ?? null, "field is immutable"));
  };
  for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"] as const) immutable(field);
  if (old.metadata.deletionTimestamp) {
    const before = old.metadata.finalizers ?? [];
    const added = (metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
    if (added.length > 0) {
      const list = `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`;
      errors.push(forbiddenValue("metadata.finalizers", list));
    }
  }
  if (!equalJson(metadata.labels, old.metadata.labels) || !equalJson(metadata.annotations, old.metadata.annotations)) {
    errors.push(...validateLabels(metadata.labels, "metadata.labels"));
    errors.push(...validateAnnotations(metadata.annotations, "metadata.annotations"));
  }
  if (!equalJson(metadata.ownerReferences, old.metadata.ownerReferences))
    errors.push(...validateOwnerReferences(metadata));
  if (!equalJson(metadata.finalizers, old.metadata.finalizers))
    errors.push(...validateFinalizers(metadata.finalizers ?? []));
  return errors;
}

export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(labels ?? {}).sort()) {
    const value = labels?.[key] ?? "";
    errors.push(...qualifiedNameFaults(key).map((fault) => invalidValue(path, key, fault)));
    errors.push(...labelValueFaults(value).map((fault) => invalidValue(path, value, fault)));
  }
  return errors;
}

export function validateAnnotations(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const key of Object.keys(annotations ?? {}).sort()) {
    errors.push(...qualifiedNameFaults(key.toLowerCase()).map((fault) => invalidValue(path, key, fault)));
    bytes += key.length + new TextEncoder().encode(annotations?.[key] ?? "").byteLength;
  }
  if (bytes > MAX_ANNOTATION_BYTES) errors.push(tooLongAnnotations(path));
  return errors;
}

function tooLongAnnotations(path: string): FieldError {
  const detail = `Too long: may not be more than ${MAX_ANNOTATION_BYTES} bytes`;
  return { field: path, reason: "FieldValueTooLong", detail, text: `${path}: ${detail}` };
}

function validateOwnerReferences(metadata: ObjectMeta): FieldError[] {
  const path = "metadata.ownerReferences";
  const errors: FieldError[] = [];
  let controllers = 0;
  for (const reference of metadata.ownerReferences ?? []) {
    if (!reference.apiVersion) errors.push(invalidValue(`${path}.apiVersion`, "", "version must not be empty"));
    if (!reference.kind) errors.push(invalidValue(`${path}.kind`, "", "must not be empty"));
    if (!reference.name) errors.push(invalidValue(`${path}.name`, "", "must not be empty"));
    if (!reference.uid) errors.push(invalidValue(`${path}.uid`, "", "must not be empty"));
    if (reference.controller) controllers++;
  }
  if (controllers > 1) {
    errors.push(invalidValue(path, metadata.ownerReferences, "Only one reference can have Controller set to true."));
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  finalizers.forEach((finalizer, index) => {
    const path = `metadata.finalizers[${index}]`;
    errors.push(
      ...qualifiedNameFaults(finalizer).map((fault) => invalidValue("metadata.finalizers", finalizer, fault)),
    );
    if (!finalizer.includes("/") && !STANDARD_FINALIZERS.includes(finalizer)) {
      errors.push(invalidValue(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
    }
  });
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    errors.push(
      invalidValue("metadata.finalizers", finalizers, "finalizer orphan and foregroundDeletion cannot be both set"),
    );
  }
  return errors;
}

/** A list of strings as Go prints it in a message. */
function goStrings(texts: readonly string[]): string {
  return `[]string{${texts.map((text) => JSON.stringify(text)).join(", ")}}`;
}
