import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  type FieldError,
} from "../api/field-error";
import type {
  Affinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodAntiAffinity,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from "../api/generated/kubernetes";
import { asSent } from "./as-sent";
import { validateLabelSelector } from "./field-rules";
import { validateLabels } from "./metadata";
import { labelNameFaults, labelValueFaults, qualifiedNameFaults } from "./names";

/** What a pod says about where it may run. https://kubernetes.io/docs/concepts/scheduling-eviction/ */
export function validatePlacement(spec: PodSpec, path: string): FieldError[] {
  return [
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateAffinity(`${path}.affinity`, spec.affinity ?? {}),
    ...validateSpread(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints ?? []),
    ...validateTolerations(`${path}.tolerations`, spec.tolerations),
  ];
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateTolerations(path: string, tolerations: readonly Toleration[] | undefined): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) => {
    const at = `${path}[${index}]`;
    const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = toleration;
    const errors = key === "" ? [] : qualifiedNameFaults(key).map((fault) => invalidValue(`${at}.key`, key, fault));
    if (key === "" && operator !== "Exists") {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalidValue(`${at}.operator`, operator, why));
    }
    if (tolerationSeconds !== undefined && effect !== "NoExecute")
      errors.push(invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === "Equal" || operator === "") {
      const faults = labelValueFaults(value);
      if (faults.length > 0) errors.push(invalidValue(`${at}.operator`, value, faults.join(";")));
    } else if (operator === "Exists") {
      if (value !== "")
        errors.push(
          invalidValue(`${at}.operator`, asInternal(toleration), "value must be empty when `operator` is 'Exists'"),
        );
    } else errors.push(notSupported(`${at}.operator`, operator, ["Equal", "Exists"]));
    if (effect !== "" && !EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, EFFECTS));
    return errors;
  });
}

/** The server shows the struct that it works with, whose fields have no JSON names. */
function asInternal({ key = "", operator = "", value = "", effect = "", tolerationSeconds }: Toleration): object {
  return { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds ?? null };
}

function validateAffinity(path: string, { nodeAffinity, podAffinity, podAntiAffinity }: Affinity): FieldError[] {
  const errors: FieldError[] = [];
  const node = `${path}.nodeAffinity`;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required)
    errors.push(
      ...validateNodeTerms(`${node}.requiredDuringSchedulingIgnoredDuringExecution`, required.nodeSelectorTerms),
    );
  nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, index) => {
    const at = `${node}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    errors.push(...validateWeight(`${at}.weight`, weight), ...validateNodeTerm(`${at}.preference`, preference));
  });
  errors.push(...validatePodAffinity(`${path}.podAffinity`, podAffinity ?? {}));
  return [...errors, ...validatePodAffinity(`${path}.podAntiAffinity`, podAntiAffinity ?? {})];
}

export function validateNodeTerms(path: string, sent: readonly NodeSelectorTerm[]): FieldError[] {
  const terms = asSent(sent) ?? [];
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) return [requiredValue(at, "must have at least one node selector term")];
  return terms.flatMap((term, index) => validateNodeTerm(`${at}[${index}]`, term));
}

function validateNodeTerm(path: string, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm): FieldError[] {
  return [
    ...matchExpressions.flatMap((each, index) => validateRequirement(`${path}.matchExpressions[${index}]`, each)),
    ...matchFields.flatMap((each, index) => validateFieldRequirement(`${path}.matchFields[${index}]`, each)),
  ];
}

function validateRequirement(path: string, { key, operator, values = [] }: NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (["In", "NotIn"].includes(operator)) {
    if (values.length === 0)
      errors.push(requiredValue(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (["Exists", "DoesNotExist"].includes(operator)) {
    if (values.length > 0)
      errors.push(
        forbiddenValue(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      );
  } else if (["Gt", "Lt"].includes(operator)) {
    if (values.length !== 1)
      errors.push(requiredValue(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  return [...errors, ...qualifiedNameFaults(key).map((fault) => invalidValue(`${path}.key`, key, fault))];
}

/** Of a node's fields only its name can be asked for. */
function validateFieldRequirement(path: string, { key, operator, values = [] }: NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (["In", "NotIn"].includes(operator)) {
    if (values.length !== 1)
      errors.push(
        requiredValue(
          `${path}.values`,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
  } else errors.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  if (key !== "metadata.name") errors.push(invalidValue(`${path}.key`, key, "not a valid field selector key"));
  return errors;
}

function validateWeight(path: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(path, weight, "must be in the range 1-100")];
}

function validatePodAffinity(path: string, affinity: PodAffinity | PodAntiAffinity): FieldError[] {
  const errors: FieldError[] = [];
  affinity.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => {
    errors.push(...validatePodTerm(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term));
  });
  affinity.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    errors.push(
      ...validateWeight(`${at}.weight`, weight),
      ...validatePodTerm(`${at}.podAffinityTerm`, podAffinityTerm),
    );
  });
  return errors;
}

function validatePodTerm(path: string, term: PodAffinityTerm): FieldError[] {
  const errors = [
    ...validateLabelSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, term.namespaceSelector),
  ];
  for (const name of term.namespaces ?? [])
    errors.push(...labelNameFaults(name).map((fault) => invalidValue(`${path}.namespace`, name, fault)));
  return [...errors, ...validateTopologyKey(`${path}.topologyKey`, term.topologyKey)];
}

function validateTopologyKey(path: string, key: string): FieldError[] {
  if (!key) return [requiredValue(path, "can not be empty")];
  return qualifiedNameFaults(key).map((fault) => invalidValue(path, key, fault));
}

const UNSATISFIABLE = ["DoNotSchedule", "ScheduleAnyway"];

function validateSpread(path: string, constraints: readonly TopologySpreadConstraint[]): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, index) => {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    const errors: FieldError[] = [];
    if (!(maxSkew > 0)) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, "must be greater than zero"));
    errors.push(...validateTopologyKey(`${at}.topologyKey`, topologyKey));
    if (!UNSATISFIABLE.includes(whenUnsatisfiable))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, UNSATISFIABLE));
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(pair)) errors.push(duplicateValue(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    if (minDomains !== undefined && minDomains <= 0)
      errors.push(invalidValue(`${at}.minDomains`, minDomains, "must be greater than zero"));
    if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule") {
      const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalidValue(`${at}.minDomains`, minDomains, why));
    }
    return [...errors, ...validateLabelSelector(`${at}.labelSelector`, labelSelector)];
  });
}
