import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  type FieldError,
} from "../api/field-error";
import type { LimitRange, LimitRangeItem, PodDisruptionBudget, ResourceQuota } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { compareQuantities, parseQuantity, QUANTITY_RULE } from "../api/quantity";
import { asSent } from "./as-sent";
import { validateLabelSelector } from "./field-rules";
import { qualifiedNameFaults } from "./names";
import { amountOrPercent, noMoreThanAll } from "./workload-validation";

const COUNTED = ["pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"];
const WHOLE = [...COUNTED, "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"];
const AMOUNTS = ["cpu", "memory", "ephemeral-storage"];
const QUOTA_NAMES = [
  ...WHOLE,
  ...AMOUNTS.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  "requests.storage",
];
const SCOPES = [
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
];

export function validateQuota({ spec = {} }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(spec.hard ?? {})) {
    const path = `spec.hard[${name}]`;
    errors.push(...qualifiedNameFaults(name).map((fault) => invalidValue(path, name, fault)));
    if (!name.includes("/") && !QUOTA_NAMES.includes(name) && !/^(requests\.)?hugepages-/.test(name)) {
      errors.push(invalidValue(path, name, "must be a standard resource for quota"));
    }
    errors.push(...validateAmount(path, amount, WHOLE.includes(name) || name.startsWith("count/")));
  }
  for (const scope of spec.scopes ?? []) {
    if (!SCOPES.includes(scope)) errors.push(invalidValue("spec.scopes", spec.scopes, "unsupported scope"));
  }
  return errors;
}

export function validateQuotaUpdate(quota: ResourceQuota, old: Stored<ResourceQuota>): FieldError[] {
  const errors = validateQuota(quota);
  if (!equalJson([...(quota.spec?.scopes ?? [])].sort(), [...(old.spec?.scopes ?? [])].sort())) {
    errors.push(invalidValue("spec.scopes", quota.spec?.scopes ?? null, "field is immutable"));
  }
  return errors;
}

function validateAmount(path: string, amount: string, isWhole: boolean): FieldError[] {
  const quantity = parseQuantity(amount);
  if (!quantity) return [invalidValue(path, amount, QUANTITY_RULE)];
  if (quantity.nano < 0n) return [invalidValue(path, amount, "must be greater than or equal to 0")];
  return isWhole && quantity.nano % 1_000_000_000n !== 0n ? [invalidValue(path, amount, "must be an integer")] : [];
}

/** A container's bounds fill each other in. https://kubernetes.io/docs/concepts/policy/limit-range/ */
export function defaultLimitRange({ spec }: LimitRange): void {
  for (const limit of asSent(spec?.limits) ?? []) {
    if (limit.type !== "Container") continue;
    const limits = { ...limit.max, ...limit.default };
    const requests = { ...limit.min, ...limits, ...limit.defaultRequest };
    if (Object.keys(limits).length > 0) limit.default = limits;
    if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
  }
}

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return (asSent(spec?.limits) ?? []).flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const type = asSent(limit.type) ?? "";
    const errors = [
      ...qualifiedNameFaults(type).map((fault) => invalidValue(`${path}.type`, type, fault)),
      ...(!type.includes("/") && !["Pod", "Container", "PersistentVolumeClaim"].includes(type)
        ? [invalidValue(`${path}.type`, type, "must be a standard limit type or fully qualified")]
        : []),
      ...(seen.has(type) ? [duplicateValue(`${path}.type`, type)] : []),
    ];
    seen.add(type);
    return [...errors, ...validateLimit(limit, path)];
  });
}

function validateLimit(limit: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (limit.type === "Pod") {
    for (const part of ["default", "defaultRequest"] as const) {
      if (Object.keys(limit[part] ?? {}).length === 0) continue;
      errors.push(forbiddenValue(`${path}.${part}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  if (limit.type === "PersistentVolumeClaim" && !limit.min?.storage && !limit.max?.storage) {
    const why = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(requiredValue(`${path}.limits`, why));
  }
  const { min = {}, max = {}, default: limits = {}, defaultRequest: requests = {}, maxLimitRequestRatio = {} } = limit;
  const names = new Set([min, max, limits, requests, maxLimitRequestRatio].flatMap((part) => Object.keys(part)));
  for (const name of names) {
    const rule = (at: string, shown: string | undefined, small: Bound, large: Bound): void => {
      if (small.amount === undefined || large.amount === undefined) return;
      if (compareQuantities(small.amount, large.amount) <= 0) return;
      const why = `${small.what} value ${small.amount} is greater than ${large.what} value ${large.amount}`;
      errors.push(invalidValue(`${path}.${at}[${name}]`, shown, why));
    };
    const least = { what: "min", amount: min[name] };
    const most = { what: "max", amount: max[name] };
    const request = { what: "default request", amount: requests[name] };
    rule("min", min[name], least, most);
    rule("defaultRequest", requests[name], least, request);
    rule("defaultRequest", requests[name], request, most);
    rule("defaultRequest", requests[name], request, { what: "default limit", amount: limits[name] });
    rule("default", min[name], least, { what: "default", amount: limits[name] });
    rule("default", max[name], { what: "default", amount: limits[name] }, most);
    const ratio = maxLimitRequestRatio[name];
    if (ratio !== undefined && compareQuantities(ratio, "1") < 0) {
      errors.push(invalidValue(`${path}.maxLimitRequestRatio[${name}]`, ratio, `ratio ${ratio} is less than 1`));
    }
  }
  return errors;
}

interface Bound {
  readonly what: string;
  readonly amount: string | undefined;
}

const EVICTION_POLICIES = ["AlwaysAllow", "IfHealthyBudget"];

export function validateDisruptionBudget({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    };
    errors.push(invalidValue("spec", shown, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const [part, value] of [
    ["minAvailable", minAvailable],
    ["maxUnavailable", maxUnavailable],
  ] as const) {
    errors.push(...amountOrPercent(`spec.${part}`, value), ...noMoreThanAll(`spec.${part}`, value));
  }
  errors.push(...validateLabelSelector("spec.selector", selector));
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    errors.push(notSupported("spec.unhealthyPodEvictionPolicy", policy, EVICTION_POLICIES));
  }
  return errors;
}
