import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  V2CrossVersionObjectReference,
  V2HorizontalPodAutoscaler,
  V2HorizontalPodAutoscalerSpec,
  V2HPAScalingRules,
  V2MetricIdentifier,
  V2MetricSpec,
  V2MetricTarget,
} from "../api/generated/kubernetes";
import { compareQuantities } from "../api/quantity";
import { asSent } from "./as-sent";
import { requiredName } from "./field-rules";
import { pathSegmentFaults } from "./names";

const METRIC_TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const TARGET_TYPES = ["Utilization", "Value", "AverageValue"];
const SELECT_POLICIES = ["Disabled", "Max", "Min"];
const POLICY_TYPES = ["Percent", "Pods"];
const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

/** What an autoscaler does where it is silent. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior */
export function defaultAutoscaler(spec: V2HorizontalPodAutoscalerSpec): void {
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: "Utilization", averageUtilization: 80 };
    spec.metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  if (!spec.behavior) return;
  const up = (spec.behavior.scaleUp ??= {});
  up.stabilizationWindowSeconds ??= 0;
  up.selectPolicy ??= "Max";
  up.policies ??= [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ];
  const down = (spec.behavior.scaleDown ??= {});
  down.selectPolicy ??= "Max";
  down.policies ??= [{ type: "Percent", value: 100, periodSeconds: 15 }];
}

export function validateAutoscaler({ spec }: V2HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas, behavior } = spec;
  const maxReplicas = asSent(spec.maxReplicas) ?? 0;
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidValue("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  }
  if (maxReplicas < 1) errors.push(requiredValue("spec.maxReplicas", "must be set and greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidValue("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  }
  errors.push(...validateReference(asSent(spec.scaleTargetRef), "spec.scaleTargetRef"));
  spec.metrics?.forEach((metric, index) => errors.push(...validateMetric(metric, `spec.metrics[${index}]`)));
  if (behavior?.scaleUp) errors.push(...validateRules(behavior.scaleUp, "spec.behavior.scaleUp"));
  if (behavior?.scaleDown) errors.push(...validateRules(behavior.scaleDown, "spec.behavior.scaleDown"));
  return errors;
}

function validateReference(reference: V2CrossVersionObjectReference | undefined, path: string): FieldError[] {
  return [
    ...requiredName(`${path}.kind`, reference?.kind, pathSegmentFaults),
    ...requiredName(`${path}.name`, reference?.name, pathSegmentFaults),
  ];
}

function validateMetric(metric: V2MetricSpec, path: string): FieldError[] {
  const type = asSent(metric.type) ?? "";
  const errors: FieldError[] = [];
  if (type === "") errors.push(requiredValue(`${path}.type`, "must specify a metric source type"));
  if (!METRIC_TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, METRIC_TYPES));
  const sources = [
    ["object", metric.object && (() => validateObject(metric.object, `${path}.object`))],
    ["external", metric.external && (() => validateNamed(metric.external, `${path}.external`))],
    ["pods", metric.pods && (() => validateNamed(metric.pods, `${path}.pods`))],
    ["resource", metric.resource && (() => validateResource(metric.resource, `${path}.resource`))],
    ["containerResource", metric.containerResource && (() => validateContainer(metric, path))],
  ] as const;
  const present = sources.filter(([, validate]) => validate !== undefined);
  errors.push(...(present[0]?.[1]?.() ?? []));
  const expected = type.charAt(0).toLowerCase() + type.slice(1);
  if (!present.some(([name]) => name === expected)) {
    errors.push(requiredValue(`${path}.${expected}`, "must populate information for the given metric source"));
  }
  if (present.length !== 1) {
    const others = present.filter(([name]) => name !== expected);
    errors.push(
      ...others.map(([name]) => forbiddenValue(`${path}.${name}`, "must populate the given metric source only")),
    );
  }
  return errors;
}

function validateObject(source: V2MetricSpec["object"], path: string): FieldError[] {
  return [...validateReference(source?.describedObject, `${path}.describedObject`), ...validateNamed(source, path)];
}

function validateNamed(
  source: { metric?: V2MetricIdentifier; target?: V2MetricTarget } | undefined,
  path: string,
): FieldError[] {
  const target = source?.target;
  return [
    ...(source?.metric?.name ? [] : [requiredValue(`${path}.metric.name`, "must specify a metric name")]),
    ...validateTarget(target, `${path}.target`),
    ...(target?.value === undefined && target?.averageValue === undefined
      ? [requiredValue(`${path}.target.averageValue`, "must set either a target value or averageValue")]
      : []),
  ];
}

function validateContainer({ containerResource }: V2MetricSpec, path: string): FieldError[] {
  const at = `${path}.containerResource`;
  return [
    ...(containerResource?.container ? [] : [requiredValue(`${at}.container`, "must specify a container")]),
    ...validateResource(containerResource, at),
  ];
}

function validateResource(source: { name?: string; target?: V2MetricTarget } | undefined, path: string): FieldError[] {
  const { averageUtilization, averageValue } = source?.target ?? {};
  const errors: FieldError[] = [];
  if (!source?.name) errors.push(requiredValue(`${path}.name`, "must specify a resource name"));
  errors.push(...validateTarget(source?.target, `${path}.target`));
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = "must set either a target raw value or a target utilization";
    errors.push(requiredValue(`${path}.target.averageUtilization`, why));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = "may not set both a target raw value and a target utilization";
    errors.push(forbiddenValue(`${path}.target.averageValue`, why));
  }
  return errors;
}

function validateTarget(target: V2MetricTarget | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = target?.type ?? "";
  if (type === "") errors.push(requiredValue(`${path}.type`, "must specify a metric target type"));
  if (!TARGET_TYPES.includes(type)) {
    errors.push(invalidValue(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const part of ["value", "averageValue"] as const) {
    const amount = target?.[part];
    if (amount !== undefined && compareQuantities(amount, "0") <= 0) {
      errors.push(invalidValue(`${path}.${part}`, amount, "must be positive"));
    }
  }
  const utilization = target?.averageUtilization;
  if (utilization !== undefined && utilization < 1) {
    errors.push(invalidValue(`${path}.averageUtilization`, utilization, "must be greater than 0"));
  }
  return errors;
}

function validateRules(rules: V2HPAScalingRules, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const windowPath = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(windowPath, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > MAX_WINDOW_SECONDS) {
    errors.push(invalidValue(windowPath, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) errors.push(requiredValue(`${path}.policies`, "must specify at least one Policy"));
  policies.forEach(({ type, value, periodSeconds }, index) => {
    const at = `${path}.policies[${index}]`;
    if (!POLICY_TYPES.includes(type)) errors.push(notSupported(`${at}.type`, type, POLICY_TYPES));
    if (value <= 0) errors.push(invalidValue(`${at}.value`, value, "must be greater than zero"));
    if (periodSeconds <= 0)
      errors.push(invalidValue(`${at}.periodSeconds`, periodSeconds, "must be greater than zero"));
    if (periodSeconds > MAX_PERIOD_SECONDS) {
      const why = `must be less than or equal to ${MAX_PERIOD_SECONDS}`;
      errors.push(invalidValue(`${at}.periodSeconds`, periodSeconds, why));
    }
  });
  return errors;
}
