import { invalidValue, type FieldError } from "../../../api/field-error";
import type { CronJob, Deployment, Namespace, ObjectMeta, Pod, PodSpec } from "../../../api/generated/kubernetes";
import { equalJson } from "../../../api/json";
import type { KubeObject } from "../../../api/object";
import { forbidden, invalid, qualified } from "../../../api/status";
import { asSent } from "../../../registry/as-sent";
import { NAMESPACES, PODS } from "../../../registry/references";
import type { Admission, AdmissionAttributes } from "../admission";
import { describeViolations, LEVELS, policyOf, PREFIX, violationsOf, type Policy } from "./policy";

/** Kinds that make pods: told what their pods would meet, never refused. */
const TEMPLATED = [
  "deployments.apps",
  "replicasets.apps",
  "statefulsets.apps",
  "daemonsets.apps",
  "jobs.batch",
  "cronjobs.batch",
  "replicationcontrollers",
  "podtemplates",
];

/** Holds namespaces to the levels that their labels name. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export const podSecurity: Admission = {
  validate(attributes) {
    const { operation, resource, subresource, object } = attributes;
    if (!object || (operation !== "create" && operation !== "update")) return undefined;
    const kind = qualified(resource.group, resource.name);
    if (kind === "namespaces" && subresource === "") judgeNamespace(attributes, object);
    else if (kind === "pods" && isJudged(attributes, object)) judge(attributes, object, specOf(object), true);
    else if (TEMPLATED.includes(kind) && subresource === "") {
      const template = templateOf(object);
      if (template?.spec) judge(attributes, object, template.spec, false, template.metadata);
    }
    return undefined;
  },
};

/** Updates of a pod matter when they bring another image or another container. */
function isJudged({ operation, subresource, old }: AdmissionAttributes, object: KubeObject): boolean {
  if (subresource === "ephemeralcontainers") return true;
  if (subresource !== "") return false;
  return operation === "create" || !equalJson(specOf(object), old && specOf(old));
}

function judge(
  attributes: AdmissionAttributes,
  object: KubeObject,
  spec: PodSpec | undefined,
  isEnforced: boolean,
  metadata: ObjectMeta = object.metadata ?? {},
): void {
  const { context, namespace, resource, warn } = attributes;
  const labels = context.lookup(NAMESPACES, "", namespace)?.metadata.labels;
  if (!spec || !labels) return;
  const enforced = policyOf(labels, "enforce");
  const violations = isEnforced ? violationsOf(enforced, spec, metadata) : [];
  if (violations.length > 0) {
    const why = `violates PodSecurity ${JSON.stringify(enforced.name)}: ${describeViolations(violations)}`;
    throw forbidden(resource, object.metadata?.name ?? "", why);
  }
  const policy = policyOf(labels, "warn");
  const warned = violationsOf(policy, spec, metadata);
  if (warned.length > 0) {
    warn(`would violate PodSecurity ${JSON.stringify(policy.name)}: ${describeViolations(warned)}`);
  }
}

function judgeNamespace(attributes: AdmissionAttributes, object: Namespace): void {
  const { operation, resource, old, context, warn } = attributes;
  const labels = object.metadata?.labels ?? {};
  const errors = labelErrors(labels);
  const name = object.metadata?.name ?? "";
  const before = policyOf(old?.metadata.labels, "enforce");
  if (errors.length > 0 && (!old || labelErrors(old.metadata.labels ?? {}).length === 0)) {
    throw invalid(resource, name, errors);
  }
  const policy = policyOf(labels, "enforce");
  const mayBeBroken = LEVELS.indexOf(policy.level) > LEVELS.indexOf(before.level);
  if (operation !== "update" || errors.length > 0 || !mayBeBroken) return;
  const broken = brokenPods(context.list(PODS, name), policy);
  if (broken.length === 0) return;
  const level = JSON.stringify(policy.name);
  warn(`existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level ${level}`);
  for (const text of broken) warn(text);
}

function labelErrors(labels: Readonly<Record<string, string>>): FieldError[] {
  return (["enforce", "audit", "warn"] as const).flatMap((mode) => {
    const level = labels[PREFIX + mode];
    const version = labels[`${PREFIX}${mode}-version`];
    const at = (label: string): string => `metadata.labels[${label}]`;
    return [
      ...(level === undefined || LEVELS.some((each) => each === level)
        ? []
        : [invalidValue(at(PREFIX + mode), level, `must be one of ${LEVELS.join(", ")}`)]),
      ...(version === undefined || version === "latest" || /^v1\.(0|[1-9]\d*)$/.test(version)
        ? []
        : [invalidValue(at(`${PREFIX}${mode}-version`), version, 'must be "latest" or "v1.x"')]),
    ];
  });
}

/** Pods with the same faults in one line, under the name of the first. */
function brokenPods(pods: readonly Pod[], policy: Policy): string[] {
  const groups = new Map<string, string[]>();
  for (const { spec, metadata } of pods) {
    const violations = spec ? violationsOf(policy, spec, metadata) : [];
    if (violations.length === 0) continue;
    const reasons = violations.map(({ reason }) => reason).join(", ");
    groups.set(reasons, [...(groups.get(reasons) ?? []), metadata?.name ?? ""]);
  }
  return [...groups].map(([reasons, names]) => {
    const [first = "", ...others] = names.sort();
    if (others.length === 0) return `${first}: ${reasons}`;
    return `${first} (and ${others.length} other ${others.length === 1 ? "pod" : "pods"}): ${reasons}`;
  });
}

// Collections hold only what was decoded as their kind.
function specOf(object: KubeObject): PodSpec | undefined {
  return (object as Pod).spec;
}

function templateOf(object: KubeObject): { metadata?: ObjectMeta; spec?: PodSpec } | undefined {
  if ("template" in object) return (object as { template?: { metadata?: ObjectMeta; spec?: PodSpec } }).template;
  return (object as Deployment).spec?.template ?? asSent((object as CronJob).spec.jobTemplate)?.spec?.template;
}
