import { forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { Container, Pod, PodSpec, Toleration } from "../api/generated/kubernetes";
import { cloneJson, equalJson } from "../api/json";
import type { Stored } from "../api/object";
import { validatePod } from "./pod-validation";
import { structDiff } from "./struct-diff";

const UPDATABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** What may change in a pod that exists. https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement */
export function validatePodUpdate(pod: Pod, old: Stored<Pod>): FieldError[] {
  const errors = validatePod(pod);
  const spec = pod.spec ?? { containers: [] };
  const before = old.spec ?? { containers: [] };
  for (const part of ["containers", "initContainers"] as const) {
    const now = spec[part] ?? [];
    const was = before[part] ?? [];
    const path = `spec.${part}`;
    if (now.length !== was.length) {
      const what = part === "containers" ? "containers" : "init containers";
      return [...errors, forbiddenValue(path, `pod updates may not add or remove ${what}`)];
    }
    now.forEach(({ image }, index) => {
      if (!image && part === "initContainers") errors.push(requiredValue(`${path}[${index}].image`));
    });
  }
  errors.push(...validateDeadline(spec, before));
  errors.push(...validateTolerations(spec.tolerations ?? [], before.tolerations ?? []));
  for (const { name } of spec.schedulingGates ?? []) {
    if (before.schedulingGates?.some((gate) => gate.name === name)) continue;
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbiddenValue("spec.schedulingGates", why));
  }
  // With everything put back that may change, nothing may be left over.
  const munged = withUpdatable(spec, before);
  if (!equalJson(munged, before)) {
    const difference = structDiff("core.v1.PodSpec", before, munged);
    errors.push(forbiddenValue("spec", `pod updates may not change fields other than ${UPDATABLE}\n${difference}`));
  }
  return errors;
}

function validateDeadline(
  { activeDeadlineSeconds: now }: PodSpec,
  { activeDeadlineSeconds: was }: PodSpec,
): FieldError[] {
  const path = "spec.activeDeadlineSeconds";
  if (now === undefined)
    return was === undefined ? [] : [invalidValue(path, null, "must not update from a positive integer to nil value")];
  if (now < 0 || now > 2147483647) return [invalidValue(path, now, "must be between 0 and 2147483647, inclusive")];
  if (was !== undefined && was < now) return [invalidValue(path, now, "must be less than or equal to previous value")];
  return [];
}

function validateTolerations(now: readonly Toleration[], was: readonly Toleration[]): FieldError[] {
  const withoutSeconds = ({ tolerationSeconds: _seconds, ...rest }: Toleration): Toleration => rest;
  const isKept = was.every((old) => now.some((each) => equalJson(withoutSeconds(each), withoutSeconds(old))));
  return isKept
    ? []
    : [forbiddenValue("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")];
}

function withUpdatable(spec: PodSpec, before: PodSpec): PodSpec {
  const munged = cloneJson(spec);
  const restore = (now: Container[] | undefined, was: Container[] | undefined): void => {
    now?.forEach((container, index) => {
      const image = was?.[index]?.image;
      if (image === undefined) delete container.image;
      else container.image = image;
    });
  };
  restore(munged.containers, before.containers);
  restore(munged.initContainers, before.initContainers);
  munged.activeDeadlineSeconds = before.activeDeadlineSeconds;
  munged.tolerations = before.tolerations;
  munged.schedulingGates = before.schedulingGates;
  const { terminationGracePeriodSeconds: grace } = before;
  if (grace !== undefined && grace < 0 && munged.terminationGracePeriodSeconds === 1)
    munged.terminationGracePeriodSeconds = grace;
  return munged;
}
