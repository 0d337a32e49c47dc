import { invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionSpec,
} from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { toTime } from "../clock";
import { labelNameFaults, subdomainFaults } from "../registry/names";
import type { Strategy } from "../registry/strategy";
import { parseJsonPath } from "./json-path";
import { validateStructure } from "./structure";

export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
export const definitionStrategy: Strategy<CustomResourceDefinition> = {
  defaults({ spec }) {
    spec.conversion ??= { strategy: "None" };
    // A definition without versions is refused, in Go's words for an empty list.
    (spec as { versions?: unknown }).versions ??= [];
    const { names } = spec;
    if (!names.singular) names.singular = names.kind.toLowerCase();
    if (!names.listKind) names.listKind = `${names.kind}List`;
  },
  prepareForCreate(definition) {
    const stored = definition.spec.versions.find(({ storage }) => storage)?.name;
    definition.status = { ...definition.status, storedVersions: stored ? [stored] : [] };
  },
  prepareForUpdate(definition) {
    const stored = definition.spec.versions.find(({ storage }) => storage)?.name;
    const before = definition.status?.storedVersions ?? [];
    if (stored && !before.includes(stored))
      definition.status = { ...definition.status, storedVersions: [...before, stored] };
  },
  prepareForDelete(definition, { clock }) {
    const finalizers = definition.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER)) definition.metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
    const terminating = {
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    };
    definition.status = withCondition(definition, terminating, toTime(clock.now()));
  },
  validate: (definition) => validateDefinition(definition),
  validateUpdate: (definition, old) => [...validateDefinition(definition, old), ...immutable(definition, old)],
};

/** The status with a condition put in; its time changes when its status does. */
export function withCondition(
  { status }: CustomResourceDefinition,
  condition: CustomResourceDefinitionCondition,
  now: string,
): NonNullable<CustomResourceDefinition["status"]> {
  const conditions = status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : now;
  const next = { ...condition, lastTransitionTime };
  return {
    ...status,
    conditions: before ? conditions.map((each) => (each === before ? next : each)) : [...conditions, next],
  };
}

function validateDefinition(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = definition;
  const errors: FieldError[] = [];
  if (metadata?.name && metadata.name !== `${spec.names.plural}.${spec.group}`)
    errors.push(invalidValue("metadata.name", metadata.name, 'must be spec.names.plural+"."+spec.group'));
  errors.push(...validateApproval(definition), ...validateGroup(spec));
  if (!spec.scope) errors.push(requiredValue("spec.scope"));
  else if (!SCOPES.includes(spec.scope)) errors.push(notSupported("spec.scope", spec.scope, SCOPES));
  errors.push(...validateVersions(spec, old?.spec), ...validateNames(spec));
  const strategy = spec.conversion?.strategy ?? "None";
  if (!CONVERSIONS.includes(strategy)) errors.push(notSupported("spec.conversion.strategy", strategy, CONVERSIONS));
  return errors;
}

const SCOPES = ["Cluster", "Namespaced"];
const CONVERSIONS = ["None", "Webhook"];
const APPROVAL = "api-approved.kubernetes.io";

function validateApproval({ spec, metadata }: CustomResourceDefinition): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group) || metadata?.annotations?.[APPROVAL]) return [];
  const why = `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`;
  return [requiredValue(`metadata.annotations[${APPROVAL}]`, why)];
}

function validateGroup({ group }: CustomResourceDefinitionSpec): FieldError[] {
  if (!group) return [requiredValue("spec.group")];
  const faults = subdomainFaults(group).map((fault) => invalidValue("spec.group", group, fault));
  if (faults.length === 0 && !group.includes("."))
    faults.push(invalidValue("spec.group", group, "should be a domain with at least one dot"));
  return faults;
}

function validateVersions(spec: CustomResourceDefinitionSpec, old?: CustomResourceDefinitionSpec): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  spec.versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (names.has(version.name)) errors.push(invalidValue(`${path}.name`, version.name, "must be unique"));
    names.add(version.name);
    errors.push(...labelNameFaults(version.name).map((fault) => invalidValue(`${path}.name`, version.name, fault)));
    const schemaPath = `${path}.schema.openAPIV3Schema`;
    const schema = version.schema?.openAPIV3Schema;
    if (!schema) errors.push(requiredValue(schemaPath, "schemas are required"));
    else if (!equalJson(schema, old?.versions.find(({ name }) => name === version.name)?.schema?.openAPIV3Schema))
      errors.push(...validateStructure(schema, schemaPath));
    version.additionalPrinterColumns?.forEach((column, at) => {
      errors.push(...validateColumn(column, `${path}.additionalPrinterColumns[${at}]`));
    });
  });
  const stored = spec.versions.filter(({ storage }) => storage).length;
  if (stored !== 1)
    errors.push(
      invalidValue("spec.versions", spec.versions, "must have exactly one version marked as storage version"),
    );
  return errors;
}

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];

function validateColumn(column: { name: string; type: string; jsonPath: string }, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!column.name) errors.push(requiredValue(`${path}.name`));
  if (!column.type) errors.push(requiredValue(`${path}.type`, `must be one of ${COLUMN_TYPES.join(",")}`));
  else if (!COLUMN_TYPES.includes(column.type))
    errors.push(invalidValue(`${path}.type`, column.type, `must be one of ${COLUMN_TYPES.join(",")}`));
  if (!column.jsonPath) errors.push(requiredValue(`${path}.JSONPath`));
  else if (!column.jsonPath.startsWith("."))
    errors.push(invalidValue(`${path}.JSONPath`, column.jsonPath, "must be a simple json path starting with ."));
  else if (!parseJsonPath(column.jsonPath))
    errors.push(invalidValue(`${path}.JSONPath`, column.jsonPath, "is an invalid path"));
  return errors;
}

function validateNames({ names }: CustomResourceDefinitionSpec): FieldError[] {
  const errors: FieldError[] = [];
  const check = (path: string, value: string): void =>
    void errors.push(...labelNameFaults(value.toLowerCase()).map((fault) => invalidValue(path, value, fault)));
  if (!names.plural) errors.push(requiredValue("spec.names.plural"));
  else check("spec.names.plural", names.plural);
  if (!names.kind) errors.push(requiredValue("spec.names.kind"));
  else check("spec.names.kind", names.kind);
  if (names.singular) check("spec.names.singular", names.singular);
  if (names.kind && names.kind === names.listKind)
    errors.push(invalidValue("spec.names.listKind", names.listKind, "kind and listKind may not be the same"));
  names.shortNames?.forEach((name, index) => check(`spec.names.shortNames[${index}]`, name));
  names.categories?.forEach((name, index) => check(`spec.names.categories[${index}]`, name));
  return errors;
}

function immutable({ spec, status }: CustomResourceDefinition, old: Stored<CustomResourceDefinition>): FieldError[] {
  const errors: FieldError[] = [];
  const fix = (path: string, value: unknown, before: unknown): void => {
    if (!equalJson(value, before)) errors.push(invalidValue(path, value, "field is immutable"));
  };
  fix("spec.group", spec.group, old.spec.group);
  fix("spec.names.plural", spec.names.plural, old.spec.names.plural);
  if (old.status?.conditions?.some(({ type, status: state }) => type === "Established" && state === "True")) {
    fix("spec.scope", spec.scope, old.spec.scope);
    fix("spec.names.kind", spec.names.kind, old.spec.names.kind);
  }
  status?.storedVersions?.forEach((version, index) => {
    if (spec.versions.some(({ name }) => name === version)) return;
    errors.push(
      invalidValue(
        `status.storedVersions[${index}]`,
        version,
        "missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions".replaceAll(
          "v1",
          version,
        ),
      ),
    );
  });
  return errors;
}
