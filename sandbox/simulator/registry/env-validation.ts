import { invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { Container, EnvVar, EnvVarSource } from "../api/generated/kubernetes";
import { configKeyFaults, subdomainFaults } from "./names";

/** https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/ */
export function validateEnvironment({ env = [], envFrom = [] }: Container, path: string): FieldError[] {
  const errors = env.flatMap((variable, index) => validateVariable(variable, `${path}.env[${index}]`));
  envFrom.forEach(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = `${path}.envFrom[${index}]`;
    if (prefix !== "") errors.push(...nameFaults(prefix).map((fault) => invalidValue(`${at}.prefix`, prefix, fault)));
    if (configMapRef) errors.push(...objectName(`${at}.configMapRef.name`, configMapRef.name));
    if (secretRef) errors.push(...objectName(`${at}.secretRef.name`, secretRef.name));
    if (!configMapRef && !secretRef)
      errors.push(invalidValue(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    if (configMapRef && secretRef)
      errors.push(invalidValue(at, "", "may not have more than one field specified at a time"));
  });
  return errors;
}

function validateVariable({ name, value = "", valueFrom }: EnvVar, path: string): FieldError[] {
  const errors = name
    ? nameFaults(name).map((fault) => invalidValue(`${path}.name`, name, fault))
    : [requiredValue(`${path}.name`)];
  return valueFrom ? [...errors, ...validateSource(valueFrom, value, `${path}.valueFrom`)] : errors;
}

function nameFaults(name: string): string[] {
  const rule = "a valid environment variable name must consist only of printable ASCII characters other than '='";
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name) ? [] : [rule];
}

const SOURCES =
  "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

function validateSource(source: EnvVarSource, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const count = Object.values(source).filter((each) => each !== undefined).length;
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = source;
  if (fieldRef) {
    const at = `${path}.fieldRef.fieldPath`;
    if (!fieldRef.fieldPath) errors.push(requiredValue(at));
    else if (!FIELDS.test(fieldRef.fieldPath)) {
      const why = `error converting fieldPath: field label not supported: ${fieldRef.fieldPath}`;
      errors.push(invalidValue(at, fieldRef.fieldPath, why));
    }
  }
  if (resourceFieldRef && !resourceFieldRef.resource) errors.push(requiredValue(`${path}.resourceFieldRef.resource`));
  for (const [part, reference] of [
    ["configMapKeyRef", configMapKeyRef],
    ["secretKeyRef", secretKeyRef],
  ] as const) {
    if (!reference) continue;
    errors.push(...objectName(`${path}.${part}.name`, reference.name));
    const at = `${path}.${part}.key`;
    if (!reference.key) errors.push(requiredValue(at));
    else errors.push(...configKeyFaults(reference.key).map((fault) => invalidValue(at, reference.key, fault)));
  }
  if (count === 0) errors.push(invalidValue(path, "", SOURCES));
  else if (value !== "") errors.push(invalidValue(path, "", "may not be specified when `value` is not empty"));
  else if (count > 1) errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
  return errors;
}

// What a pod may be asked about itself by name.
const FIELDS =
  /^(metadata\.(name|namespace|uid|labels|annotations|(labels|annotations)\['[^']*'\])|spec\.(nodeName|restartPolicy|serviceAccountName|schedulerName)|status\.(phase|hostIPs?|podIPs?))$/;

function objectName(path: string, name = ""): FieldError[] {
  return subdomainFaults(name).map((fault) => invalidValue(path, name, fault));
}
