import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { Deployment, LabelSelector, PodTemplateSpec, ReplicaSet } from "../api/generated/kubernetes";
import { percentOf } from "../api/int-or-string";
import { equalJson } from "../api/json";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import { validateAnnotations, validateLabels } from "./metadata";
import { nonNegative, validateLabelSelector } from "./field-rules";
import { validatePodSpec } from "./pod-validation";

export function validateDeployment({ spec }: Deployment): FieldError[] {
  if (!spec) return [requiredValue("spec.selector")];
  const errors = [
    ...nonNegative("spec.replicas", spec.replicas),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
  ];
  const { strategy } = spec;
  if (strategy?.type === "Recreate") {
    if (strategy.rollingUpdate) {
      errors.push({
        ...invalidValue("spec.strategy.rollingUpdate", null, ""),
        reason: "FieldValueForbidden",
        detail: "Forbidden: may not be specified when strategy `type` is 'Recreate'",
        text: "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
      });
    }
  } else if (strategy?.type === "RollingUpdate") errors.push(...validateRolling(strategy.rollingUpdate ?? {}));
  else errors.push(notSupported("spec.strategy", strategy, ["Recreate", "RollingUpdate"]));
  errors.push(...nonNegative("spec.minReadySeconds", spec.minReadySeconds));
  errors.push(...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit));
  errors.push(...nonNegative("spec.progressDeadlineSeconds", spec.progressDeadlineSeconds));
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(
      invalidValue(
        "spec.progressDeadlineSeconds",
        spec.progressDeadlineSeconds,
        "must be greater than minReadySeconds",
      ),
    );
  }
  return errors;
}

function validateRolling(rolling: { maxSurge?: number | string; maxUnavailable?: number | string }): FieldError[] {
  const path = "spec.strategy.rollingUpdate";
  const errors = [
    ...amountOrPercent(`${path}.maxUnavailable`, rolling.maxUnavailable),
    ...amountOrPercent(`${path}.maxSurge`, rolling.maxSurge),
  ];
  const isZero = (value: number | string | undefined): boolean =>
    value === 0 || (value !== undefined && percentOf(value) === 0);
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    errors.push(invalidValue(`${path}.maxUnavailable`, rolling.maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  }
  return [...errors, ...noMoreThanAll(`${path}.maxUnavailable`, rolling.maxUnavailable)];
}

export function noMoreThanAll(path: string, value: number | string | undefined): FieldError[] {
  const percent = value === undefined ? undefined : percentOf(value);
  return percent !== undefined && percent > 100 ? [invalidValue(path, value, "must not be greater than 100%")] : [];
}

export function amountOrPercent(path: string, value: number | string | undefined): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === "number") return nonNegative(path, value);
  if (percentOf(value) !== undefined) return [];
  const rule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidValue(path, value, rule)];
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  if (!spec) return [requiredValue("spec.selector")];
  return [
    ...nonNegative("spec.replicas", spec.replicas),
    ...nonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec.selector, spec.template),
  ];
}

/** `spec.selector` of a workload never changes once it is set. */
export function validateSelectorUpdate(
  object: { spec?: { selector?: LabelSelector } },
  old: Stored & { spec?: { selector?: LabelSelector } },
): FieldError[] {
  if (equalJson(object.spec?.selector, old.spec?.selector)) return [];
  return [invalidValue("spec.selector", object.spec?.selector, "field is immutable")];
}

function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const isEmpty =
    (selector?.matchExpressions ?? []).length === 0 && Object.keys(selector?.matchLabels ?? {}).length === 0;
  if (!selector) errors.push(requiredValue("spec.selector"));
  else {
    errors.push(...validateLabelSelector("spec.selector", selector));
    if (isEmpty) errors.push(invalidValue("spec.selector", selector, "empty selector is invalid for deployment"));
  }
  if (!template) return [...errors, requiredValue("spec.template")];
  const terms = selectorFrom(selector);
  const labels = template.metadata?.labels ?? {};
  if (terms && !isEmpty && !matchesLabels(terms, labels)) {
    errors.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  }
  errors.push(...validateTemplate(template, "spec.template"));
  return [...errors, ...validateOwnRestarts(template, "ReplicaSet")];
}

/** Pods of a workload that keeps them going are always restarted, and never end by themselves. */
export function validateOwnRestarts({ spec }: PodTemplateSpec, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const path = "spec.template.spec";
  if (spec?.restartPolicy && spec.restartPolicy !== "Always")
    errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy, ["Always"]));
  if (spec?.activeDeadlineSeconds !== undefined)
    errors.push(forbiddenValue(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  return errors;
}

export function validateTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  return [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template.spec, `${path}.spec`),
  ];
}
