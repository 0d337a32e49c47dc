import type {
  ClusterRole,
  ClusterRoleBinding,
  Lease,
  LimitRange,
  PodDisruptionBudget,
  PriorityClass,
  RbacSubject,
  ReplicationController,
  ResourceQuota,
  Role,
  RoleBinding,
  V2HorizontalPodAutoscaler,
  V2MetricSpec,
} from "../api/generated/kubernetes";
import { canonicalQuantities } from "../api/quantity";
import { asSent } from "./as-sent";
import { forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import { matchesLabels, selectorFromMap } from "../api/labels";
import { nonNegative, oneOf } from "./field-rules";
import { validateOwnRestarts, validateTemplate } from "./workload-validation";
import { defaultAutoscaler, validateAutoscaler } from "./autoscaler";
import { ageCell, containerCells, labelsCell, nameCell } from "./cells";
import { defaultPodSpec } from "./pod-defaults";
import { pathSegmentFaults } from "./names";
import {
  defaultLimitRange,
  validateDisruptionBudget,
  validateLimitRange,
  validateQuota,
  validateQuotaUpdate,
} from "./quota-validation";
import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
  validateRoleRefUpdate,
} from "./rbac-validation";
import { columns, type Printer, type Strategy } from "./strategy";

const MOST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_CLASSES = ["system-node-critical", "system-cluster-critical"];

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export const priorityClassStrategy: Strategy<PriorityClass> = {
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validate(priorityClass) {
    const name = priorityClass.metadata?.name ?? "";
    const errors: FieldError[] = [];
    if (name.startsWith("system-")) {
      if (SYSTEM_CLASSES.includes(name)) return [];
      const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
      errors.push(forbiddenValue("metadata.name", why));
    } else if ((priorityClass.value ?? 0) > MOST_USER_PRIORITY) {
      errors.push(forbiddenValue("value", `maximum allowed value of a user defined priority is ${MOST_USER_PRIORITY}`));
    }
    const { preemptionPolicy } = priorityClass;
    return [...errors, ...oneOf("preemptionPolicy", preemptionPolicy, ["PreemptLowerPriority", "Never"])];
  },
  validateUpdate(priorityClass, old) {
    const errors: FieldError[] = [];
    if (priorityClass.value !== old.value) errors.push(forbiddenValue("value", "may not be changed in an update."));
    if (priorityClass.preemptionPolicy !== old.preemptionPolicy) {
      errors.push(forbiddenValue("preemptionPolicy", "may not be changed in an update."));
    }
    return errors;
  },
  printer: {
    columns: columns("Name", "Value:integer", "Global-Default:boolean", "Age", "PreemptionPolicy"),
    row: (priorityClass, now) => [
      nameCell(priorityClass),
      priorityClass.value ?? 0,
      priorityClass.globalDefault ?? false,
      ageCell(priorityClass, now),
      priorityClass.preemptionPolicy ?? "",
    ],
  },
};

export const leaseStrategy: Strategy<Lease> = {
  validate({ spec }) {
    const { leaseDurationSeconds, leaseTransitions, preferredHolder, strategy } = spec ?? {};
    const errors: FieldError[] = [];
    if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0)
      errors.push(invalidValue("spec.leaseDurationSeconds", leaseDurationSeconds, "must be greater than 0"));
    errors.push(...nonNegative("spec.leaseTransitions", leaseTransitions));
    if (preferredHolder && !strategy)
      errors.push(forbiddenValue("spec.preferredHolder", "may only be specified if `strategy` is defined"));
    return errors;
  },
  printer: {
    columns: columns("Name", "Holder", "Age"),
    row: (lease, now) => [nameCell(lease), lease.spec?.holderIdentity ?? "", ageCell(lease, now)],
  },
};

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ */
export const disruptionBudgetStrategy: Strategy<PodDisruptionBudget> = {
  validate: validateDisruptionBudget,
  printer: {
    columns: columns("Name", "Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"),
    row: (budget, now) => [
      nameCell(budget),
      String(budget.spec?.minAvailable ?? "N/A"),
      String(budget.spec?.maxUnavailable ?? "N/A"),
      budget.status?.disruptionsAllowed ?? 0,
      ageCell(budget, now),
    ],
  },
};

export const resourceQuotaStrategy: Strategy<ResourceQuota> = {
  defaults: ({ spec }) => canonicalQuantities(spec?.hard),
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  printer: {
    columns: columns("Name", "Request", "Limit", "Age"),
    row: (quota, now) => {
      const hard = quota.status?.hard ?? {};
      const cell = (names: string[]): string =>
        names.map((name) => `${name}: ${quota.status?.used?.[name] ?? "0"}/${hard[name] ?? "0"}`).join(", ");
      const names = Object.keys(hard).sort();
      const isLimit = (name: string): boolean => name.startsWith("limits.");
      return [
        nameCell(quota),
        cell(names.filter((name) => !isLimit(name))),
        cell(names.filter(isLimit)),
        ageCell(quota, now),
      ];
    },
  },
};

/** https://kubernetes.io/docs/concepts/policy/limit-range/ */
export const limitRangeStrategy: Strategy<LimitRange> = {
  defaults(range) {
    for (const limit of asSent(range.spec?.limits) ?? []) {
      const { min, max, default: limits, defaultRequest, maxLimitRequestRatio } = limit;
      for (const list of [min, max, limits, defaultRequest, maxLimitRequestRatio]) canonicalQuantities(list);
    }
    defaultLimitRange(range);
  },
  validate: validateLimitRange,
  printer: {
    columns: columns("Name", "Created At"),
    row: (range) => [nameCell(range), range.metadata?.creationTimestamp ?? ""],
  },
};

function validateReplicationController({ spec = {} }: ReplicationController): FieldError[] {
  const selector = spec.selector ?? {};
  const errors = nonNegative("spec.minReadySeconds", spec.minReadySeconds);
  if (Object.keys(selector).length === 0) errors.push(requiredValue("spec.selector"));
  errors.push(...nonNegative("spec.replicas", spec.replicas));
  const { template } = spec;
  if (!template) return [...errors, requiredValue("spec.template")];
  const labels = template.metadata?.labels ?? {};
  if (!matchesLabels(selectorFromMap(selector) ?? [], labels))
    errors.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  const path = "spec.template";
  return [...errors, ...validateTemplate(template, path), ...validateOwnRestarts(template, "ReplicationController")];
}

export const replicationControllerStrategy: Strategy<ReplicationController> = {
  defaults({ spec, metadata }) {
    if (!spec) return;
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels && !spec.selector) spec.selector = { ...labels };
    if (labels && metadata && !metadata.labels) metadata.labels = { ...labels };
    if (spec.template?.spec) defaultPodSpec(spec.template.spec);
  },
  validate: validateReplicationController,
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    setReplicas({ spec }, replicas) {
      if (spec) spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => labelsCell(spec?.selector),
  },
  fields: ({ status }) => ({ "status.replicas": String(status?.replicas ?? 0) }),
  printer: {
    columns: columns(
      "Name",
      "Desired:integer",
      "Current:integer",
      "Ready:integer",
      "Age",
      "+Containers",
      "+Images",
      "+Selector",
    ),
    row: (controller, now) => [
      nameCell(controller),
      controller.spec?.replicas ?? 0,
      controller.status?.replicas ?? 0,
      controller.status?.readyReplicas ?? 0,
      ageCell(controller, now),
      ...containerCells(controller.spec?.template),
      labelsCell(controller.spec?.selector),
    ],
  },
};

/** Names of roles may be anything that fits into a path; bindings tell whom they are for. */
export const roleStrategy: Strategy<Role> = { nameFaults: pathSegmentFaults, validate: validateRole };

export const clusterRoleStrategy: Strategy<ClusterRole> = {
  nameFaults: pathSegmentFaults,
  validate: validateClusterRole,
};

const bindingPrinter: Printer<RoleBinding | ClusterRoleBinding> = {
  columns: columns("Name", "Role", "Age", "+Users", "+Groups", "+ServiceAccounts"),
  row: (binding, now) => {
    const of = (kind: string): readonly RbacSubject[] =>
      (binding.subjects ?? []).filter((subject) => subject.kind === kind);
    return [
      nameCell(binding),
      `${binding.roleRef.kind}/${binding.roleRef.name}`,
      ageCell(binding, now),
      of("User")
        .map(({ name }) => name)
        .join(", "),
      of("Group")
        .map(({ name }) => name)
        .join(", "),
      of("ServiceAccount")
        .map(({ namespace, name }) => `${namespace ?? ""}/${name}`)
        .join(", "),
    ];
  },
};

const bindingStrategy: Pick<Strategy<RoleBinding | ClusterRoleBinding>, "defaults" | "nameFaults" | "printer"> = {
  defaults(binding) {
    binding.roleRef.apiGroup ||= "rbac.authorization.k8s.io";
    for (const subject of binding.subjects ?? []) {
      if (subject.kind !== "ServiceAccount") subject.apiGroup ||= "rbac.authorization.k8s.io";
    }
  },
  nameFaults: pathSegmentFaults,
  printer: bindingPrinter,
};

export const roleBindingStrategy: Strategy<RoleBinding> = {
  ...bindingStrategy,
  validate: validateRoleBinding,
  validateUpdate: (binding, old) => [...validateRoleBinding(binding), ...validateRoleRefUpdate(binding, old)],
};

export const clusterRoleBindingStrategy: Strategy<ClusterRoleBinding> = {
  ...bindingStrategy,
  validate: validateClusterRoleBinding,
  validateUpdate: (binding, old) => [...validateClusterRoleBinding(binding), ...validateRoleRefUpdate(binding, old)],
};

/** https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
export const autoscalerStrategy: Strategy<V2HorizontalPodAutoscaler> = {
  defaults({ spec }) {
    defaultAutoscaler(spec);
  },
  validate: validateAutoscaler,
  printer: {
    columns: columns("Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"),
    row: (autoscaler, now) => [
      nameCell(autoscaler),
      `${autoscaler.spec.scaleTargetRef.kind}/${autoscaler.spec.scaleTargetRef.name}`,
      targetsCell(autoscaler),
      String(autoscaler.spec.minReplicas ?? "<unset>"),
      String(autoscaler.spec.maxReplicas),
      String(autoscaler.status?.currentReplicas ?? 0),
      ageCell(autoscaler, now),
    ],
  },
};

function targetsCell({ spec, status }: V2HorizontalPodAutoscaler): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const texts = metrics.map((metric, index) => targetText(metric, status?.currentMetrics?.[index]?.resource?.current));
  return texts.length > 2 ? `${texts.slice(0, 2).join(", ")} + ${texts.length - 2} more...` : texts.join(", ");
}

function targetText(
  { type, resource }: V2MetricSpec,
  current: { averageUtilization?: number; averageValue?: string } | undefined,
): string {
  if (type !== "Resource" || !resource) return `<unknown>/<auto>`;
  const { averageUtilization, averageValue } = resource.target;
  if (averageValue !== undefined) return `${resource.name}: ${current?.averageValue ?? "<unknown>"}/${averageValue}`;
  const now = current?.averageUtilization === undefined ? "<unknown>" : `${current.averageUtilization}%`;
  return `${resource.name}: ${now}/${averageUtilization === undefined ? "<auto>" : `${averageUtilization}%`}`;
}
