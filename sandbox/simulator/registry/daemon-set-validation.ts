import { invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { DaemonSet, DaemonSetUpdateStrategy } from "../api/generated/kubernetes";
import { percentOf } from "../api/int-or-string";
import { matchesLabels, selectorFrom } from "../api/labels";
import { asSent } from "./as-sent";
import { nonNegative, validateLabelSelector } from "./field-rules";
import { amountOrPercent, noMoreThanAll, validateOwnRestarts, validateTemplate } from "./workload-validation";

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const selector = asSent(spec?.selector);
  const template = asSent(spec?.template) ?? {};
  const labels = template.metadata?.labels ?? {};
  const terms = selectorFrom(selector);
  const errors = validateLabelSelector("spec.selector", selector);
  if (!terms || !matchesLabels(terms, labels))
    errors.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  if (terms?.length === 0)
    errors.push(invalidValue("spec.selector", selector, "empty selector is invalid for daemonset"));
  return [
    ...errors,
    ...validateTemplate(template, "spec.template"),
    ...validateOwnRestarts(template, "DaemonSet"),
    ...nonNegative("spec.minReadySeconds", spec?.minReadySeconds),
    ...validateStrategy(spec?.updateStrategy ?? {}),
    ...nonNegative("spec.revisionHistoryLimit", spec?.revisionHistoryLimit),
  ];
}

function validateStrategy(strategy: DaemonSetUpdateStrategy): FieldError[] {
  const path = "spec.updateStrategy";
  if (strategy.type === "OnDelete") return [];
  if (strategy.type !== "RollingUpdate") return [notSupported(path, strategy, ["RollingUpdate", "OnDelete"])];
  const { rollingUpdate } = strategy;
  if (!rollingUpdate) return [requiredValue(`${path}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const [unavailable, surge] = [`${path}.rollingUpdate.maxUnavailable`, `${path}.rollingUpdate.maxSurge`];
  const errors = [
    ...amountOrPercent(unavailable, maxUnavailable),
    ...amountOrPercent(surge, maxSurge),
    ...noMoreThanAll(unavailable, maxUnavailable),
    ...noMoreThanAll(surge, maxSurge),
  ];
  if (isSome(maxUnavailable) && isSome(maxSurge))
    errors.push(invalidValue(surge, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (!isSome(maxUnavailable) && !isSome(maxSurge))
    errors.push(requiredValue(unavailable, "cannot be 0 when maxSurge is 0"));
  return errors;
}

function isSome(value: number | string | undefined): boolean {
  return value !== undefined && (percentOf(value) ?? value) !== 0;
}
