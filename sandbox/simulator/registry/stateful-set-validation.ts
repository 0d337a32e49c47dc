import { forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import { percentOf } from "../api/int-or-string";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import { asSent } from "./as-sent";
import { nonNegative, oneOf, validateLabelSelector } from "./field-rules";
import { labelNameFaults } from "./names";
import { amountOrPercent, noMoreThanAll, validateOwnRestarts, validateTemplate } from "./workload-validation";

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  if (!spec) return [requiredValue("spec.selector")];
  const { podManagementPolicy = "", serviceName = "", persistentVolumeClaimRetentionPolicy: retention } = spec;
  const errors: FieldError[] = [];
  if (podManagementPolicy === "") errors.push(requiredValue("spec.podManagementPolicy"));
  else if (!["OrderedReady", "Parallel"].includes(podManagementPolicy))
    errors.push(invalidValue("spec.podManagementPolicy", podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...validateStrategy(spec.updateStrategy ?? {}));
  for (const part of ["whenDeleted", "whenScaled"] as const) {
    const path = `spec.persistentVolumeClaimRetentionPolicy.${part}`;
    if (retention) errors.push(...oneOf(path, retention[part], ["Retain", "Delete"]));
  }
  errors.push(...nonNegative("spec.replicas", spec.replicas));
  errors.push(...nonNegative("spec.minReadySeconds", spec.minReadySeconds));
  errors.push(...nonNegative("spec.ordinals.start", spec.ordinals?.start));
  errors.push(...nonNegative("spec.revisionHistoryLimit", spec.revisionHistoryLimit));
  if (serviceName !== "")
    errors.push(...labelNameFaults(serviceName).map((fault) => invalidValue("spec.serviceName", serviceName, fault)));
  return [...errors, ...validatePods(spec)];
}

function validateStrategy(strategy: StatefulSetUpdateStrategy): FieldError[] {
  const path = "spec.updateStrategy";
  const { type = "", rollingUpdate } = strategy;
  switch (type) {
    case "":
      return [requiredValue(path)];
    case "OnDelete":
      if (!rollingUpdate) return [];
      return [invalidValue(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
    case "RollingUpdate": {
      const at = `${path}.rollingUpdate.maxUnavailable`;
      const most = rollingUpdate?.maxUnavailable;
      const errors = [
        ...nonNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition),
        ...amountOrPercent(at, most),
      ];
      if (most !== undefined && (most === 0 || percentOf(most) === 0))
        errors.push(invalidValue(at, most, "cannot be 0"));
      return [...errors, ...noMoreThanAll(at, most)];
    }
    default:
      return [invalidValue(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validatePods(spec: StatefulSetSpec): FieldError[] {
  const errors: FieldError[] = [];
  const selector = asSent(spec.selector);
  const terms = selectorFrom(selector);
  if (!selector) errors.push(requiredValue("spec.selector"));
  else {
    errors.push(...validateLabelSelector("spec.selector", selector));
    if (terms?.length === 0)
      errors.push(invalidValue("spec.selector", selector, "empty selector is invalid for statefulset"));
  }
  const template = asSent(spec.template) ?? {};
  const labels = template.metadata?.labels ?? {};
  if (terms && !matchesLabels(terms, labels))
    errors.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  // Claims become volumes of the same name.
  const claimed = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({ name: metadata?.name ?? "" }));
  const names = new Set(claimed.map(({ name }) => name));
  const own = (template.spec?.volumes ?? []).filter(({ name }) => !names.has(name));
  const whole = { ...template, ...(template.spec && { spec: { ...template.spec, volumes: [...own, ...claimed] } }) };
  return [...errors, ...validateTemplate(whole, "spec.template"), ...validateOwnRestarts(template, "StatefulSet")];
}

const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

/** https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations */
export function validateStatefulSetUpdate(statefulSet: StatefulSet, old: Stored<StatefulSet>): FieldError[] {
  const fixed = ({ spec }: StatefulSet): object =>
    Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => !MUTABLE.some((each) => each === name)));
  if (equalJson(fixed(statefulSet), fixed(old))) return validateStatefulSet(statefulSet);
  const names = MUTABLE.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  const why = `updates to statefulset spec for fields other than ${list} are forbidden`;
  return [...validateStatefulSet(statefulSet), forbiddenValue("spec", why)];
}
