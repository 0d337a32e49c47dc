import type { ContainerStatus, Pod, PodFailurePolicy, PodFailurePolicyRule } from "../../api/generated/kubernetes";

/** What a Job's failure policy says about a failed pod. */
export interface PolicyVerdict {
  readonly action?: string;
  /** Whether the failure counts towards `backoffLimit`. */
  readonly counts: boolean;
  /** Only for `FailJob`. */
  readonly message?: string;
}

/** The first rule that matches decides. https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): PolicyVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const message = match(rule, pod);
    if (message === undefined) continue;
    if (rule.action === "Ignore") return { action: rule.action, counts: false };
    const suffix = ` matching ${rule.action} rule at index ${index}`;
    return { action: rule.action, counts: true, ...(rule.action === "FailJob" && { message: message + suffix }) };
  }
  return { counts: true };
}

function match(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace = "", name = "" } = pod.metadata ?? {};
  if (rule.onExitCodes) {
    const status = matchingStatus(rule, pod);
    if (!status) return undefined;
    const code = status.state?.terminated?.exitCode ?? 0;
    return `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${code}`;
  }
  for (const pattern of rule.onPodConditions ?? []) {
    const condition = pod.status?.conditions?.find(
      ({ type, status }) => type === pattern.type && status === (pattern.status ?? "True"),
    );
    if (condition) return `Pod ${namespace}/${name} has condition ${condition.type}`;
  }
  return undefined;
}

function matchingStatus({ onExitCodes }: PodFailurePolicyRule, pod: Pod): ContainerStatus | undefined {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return statuses.find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || !onExitCodes) return false;
    if (onExitCodes.containerName !== undefined && onExitCodes.containerName !== name) return false;
    const isListed = onExitCodes.values.includes(code);
    return onExitCodes.operator === "In" ? isListed : !isListed;
  });
}
