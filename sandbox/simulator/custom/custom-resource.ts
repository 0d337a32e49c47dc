import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  JSONSchemaProps,
} from "../api/generated/kubernetes";
import { invalidValue, type FieldError } from "../api/field-error";
import { isJsonObject, type JsonObject } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import type { Conversion } from "../registry/conversion";
import type { Strategy } from "../registry/strategy";
import type { ResourceInfo, SubresourceInfo } from "../schema/resources";
import { customPrinter } from "./columns";
import { parseJsonPath } from "./json-path";
import { ANYTHING } from "./json-schema";
import { customModel } from "./model";
import { ruleFaults } from "./rules";
import { validateValue } from "./validation";

/** One version of a custom resource: what the API server needs to serve it like a built-in one. */
export interface CustomResource {
  readonly definition: Stored<CustomResourceDefinition>;
  readonly info: ResourceInfo;
  readonly schema: JSONSchemaProps;
  readonly strategy: Strategy;
  /** For versions that objects are not kept in. */
  readonly conversion?: Conversion;
  readonly isServed: boolean;
}

/** All versions of a definition. Definitions are frozen, so this is worked out once for each state of one. */
export function customResourcesOf(definition: Stored<CustomResourceDefinition>): readonly CustomResource[] {
  let known = resources.get(definition);
  if (!known) {
    known = definition.spec.versions.map((version) => customResource(definition, version));
    resources.set(definition, known);
  }
  return known;
}

const resources = new WeakMap<Stored<CustomResourceDefinition>, readonly CustomResource[]>();

function customResource(
  definition: Stored<CustomResourceDefinition>,
  version: CustomResourceDefinitionVersion,
): CustomResource {
  const { spec, status } = definition;
  const schema = version.schema?.openAPIV3Schema ?? ANYTHING;
  const names = status?.acceptedNames?.plural ? status.acceptedNames : spec.names;
  const stored = spec.versions.find(({ storage }) => storage) ?? version;
  return {
    definition,
    schema,
    isServed: version.served && isEstablished(definition),
    info: {
      group: spec.group,
      version: version.name,
      name: names.plural,
      singular: names.singular ?? "",
      kind: names.kind,
      namespaced: spec.scope === "Namespaced",
      verbs: VERBS,
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      subresources: subresourcesOf(definition, version),
      model: customModel(schema),
    },
    strategy: strategyOf(schema, version, `${spec.group}/${version.name}`, names.kind),
    ...(stored !== version && { conversion: conversionTo(spec.group, version.name, stored.name) }),
  };
}

export function isEstablished({ status }: CustomResourceDefinition): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === "Established" && state === "True") ?? false;
}

const VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const SUBRESOURCE_VERBS = ["get", "patch", "update"];

function subresourcesOf(
  { spec }: CustomResourceDefinition,
  { name, subresources }: CustomResourceDefinitionVersion,
): SubresourceInfo[] {
  const own = { group: spec.group, version: name, kind: spec.names.kind, verbs: SUBRESOURCE_VERBS };
  return [
    ...(subresources?.status ? [{ ...own, name: "status" }] : []),
    ...(subresources?.scale ? [{ ...own, name: "scale", group: "autoscaling", version: "v1", kind: "Scale" }] : []),
  ];
}

/** Strategy None: only what the object says of its version changes. */
function conversionTo(group: string, served: string, stored: string): Conversion {
  const to = (version: string) => (object: KubeObject) => ({ ...object, apiVersion: `${group}/${version}` });
  return { stored: { group, version: stored }, toStored: to(stored), toServed: to(served) };
}

function strategyOf(
  schema: JSONSchemaProps,
  version: CustomResourceDefinitionVersion,
  apiVersion: string,
  kind: string,
): Strategy {
  const { scale, status } = version.subresources ?? {};
  const validate = (object: KubeObject, old?: KubeObject): FieldError[] => {
    const errors = validateValue(object, schema, "", old);
    const isBlocked = errors.some(({ reason }) => BLOCKING.has(reason));
    return [...errors, ...(isBlocked ? uncheckedRules(schema) : ruleFaults(object, schema, old))];
  };
  const deprecation = version.deprecationWarning ?? `${apiVersion} ${kind} is deprecated`;
  return {
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validate(object, old),
    validateStatusUpdate: (object, old) => validate(object, old),
    generationOf: ({ metadata: _metadata, ...rest }) => (status ? { ...rest, status: undefined } : rest),
    printer: customPrinter(version.additionalPrinterColumns),
    ...(version.deprecated && { deprecation }),
    ...(scale && { scale: scaleMapping(scale) }),
    ...(version.selectableFields && {
      fields: (object) =>
        Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath }) => selectable(object, jsonPath))),
    }),
  };
}

/** Faults that leave the object in a shape that no rule can judge. */
const BLOCKING = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

function uncheckedRules(schema: JSONSchemaProps): FieldError[] {
  if (!JSON.stringify(schema).includes('"x-kubernetes-validations"')) return [];
  const why =
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
  return [invalidValue("", "null", why)];
}

function selectable(object: KubeObject, jsonPath: string): [field: string, value: string] {
  const value = parseJsonPath(jsonPath)?.(object)[0];
  return [jsonPath.replace(/^\./, ""), isScalar(value) ? String(value) : ""];
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function scaleMapping(scale: CustomResourceSubresourceScale): Strategy["scale"] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = "" } = scale;
  const read = (object: KubeObject, path: string): unknown => parseJsonPath(path)?.(object)[0];
  const number = (value: unknown): number => (typeof value === "number" ? value : 0);
  return {
    replicas: (object) => number(read(object, specReplicasPath)),
    statusReplicas: (object) => number(read(object, statusReplicasPath)),
    selector: (object) => {
      const value = labelSelectorPath === "" ? "" : read(object, labelSelectorPath);
      return typeof value === "string" ? value : "";
    },
    setReplicas: (object, replicas) => setAt(object, specReplicasPath.split(".").filter(Boolean), replicas),
  };
}

function setAt(object: object, [step = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) return void Reflect.set(object, step, value);
  let inner: unknown = Reflect.get(object, step);
  if (!isJsonObject(inner)) {
    const made: JsonObject = {};
    Reflect.set(object, step, made);
    inner = made;
  }
  if (isJsonObject(inner)) setAt(inner, rest, value);
}
