import { invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { CronJob, Job, JobSpec, PodTemplateSpec } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import { asSent } from "./as-sent";
import { scheduleFault } from "../api/cron/schedule";
import { isTimeZone } from "../api/cron/zoned-time";
import { nonNegative, oneOf, validateLabelSelector } from "./field-rules";
import { validateTemplate } from "./workload-validation";

const MAX_PARALLELISM = 100_000;
/** A job's name gets a time appended, and has to be a label's value still. */
const MAX_CRON_NAME = 52;
const RESTART_POLICIES = ["OnFailure", "Never"];

export function validateJob({ spec, metadata }: Job): FieldError[] {
  if (!spec) return [requiredValue("spec.selector")];
  const errors: FieldError[] = [];
  if (!spec.manualSelector) {
    const own = { "batch.kubernetes.io/controller-uid": metadata?.uid ?? "" };
    if (!equalJson(spec.selector?.matchLabels, own)) {
      errors.push(invalidValue("spec.selector", spec.selector, "`selector` not auto-generated"));
    }
  }
  errors.push(...validateJobSpec(spec, "spec"));
  if (!spec.selector) return [...errors, requiredValue("spec.selector")];
  errors.push(...validateLabelSelector("spec.selector", spec.selector));
  const terms = selectorFrom(spec.selector);
  const labels = spec.template.metadata?.labels ?? {};
  if (terms && !matchesLabels(terms, labels)) {
    errors.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  }
  return errors;
}

export function validateJobUpdate(job: Job, old: Stored<Job>): FieldError[] {
  const errors = validateJob(job);
  const [now, was] = [job.spec, old.spec];
  if (now?.completionMode !== "Indexed") errors.push(...kept("completions"));
  errors.push(...kept("selector"));
  if (!mayStillMove(old) || !equalJson(immovable(now?.template), immovable(was?.template))) {
    errors.push(...kept("template"));
  }
  errors.push(...kept("completionMode"), ...kept("podFailurePolicy"), ...kept("backoffLimitPerIndex"));
  return errors;

  function kept(part: keyof JobSpec): FieldError[] {
    const isKept = equalJson(now?.[part], was?.[part]);
    return isKept ? [] : [invalidValue(`spec.${part}`, now?.[part], "field is immutable")];
  }
}

/** Where a job's pods go may be changed as long as it never started. */
function mayStillMove({ spec, status }: Job): boolean {
  return spec?.suspend === true && status?.startTime === undefined;
}

function immovable(template: PodTemplateSpec | undefined): unknown {
  const directives = {
    nodeSelector: undefined,
    tolerations: undefined,
    affinity: undefined,
    schedulingGates: undefined,
  };
  return { spec: { ...template?.spec, ...directives } };
}

function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const part of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const) {
    errors.push(...nonNegative(`${path}.${part}`, spec[part]));
  }
  if (spec.completionMode !== undefined) {
    errors.push(...oneOf(`${path}.completionMode`, spec.completionMode, ["Indexed", "NonIndexed"]));
  }
  if (spec.completionMode === "Indexed") {
    if (spec.completions === undefined) {
      errors.push(requiredValue(`${path}.completions`, "when completion mode is Indexed"));
    }
    if ((spec.parallelism ?? 0) > MAX_PARALLELISM) {
      const why = `must be less than or equal to ${MAX_PARALLELISM} when completion mode is Indexed`;
      errors.push(invalidValue(`${path}.parallelism`, spec.parallelism, why));
    }
  } else if (spec.backoffLimitPerIndex !== undefined) {
    const why = "requires indexed completion mode";
    errors.push(invalidValue(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, why));
  }
  if (spec.podReplacementPolicy !== undefined) {
    const supported = spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"];
    errors.push(...oneOf(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, supported));
  }
  const template = asSent(spec.template) ?? {};
  errors.push(...validateTemplate(template, `${path}.template`));
  return [...errors, ...validateRestartPolicy(spec, template, `${path}.template.spec.restartPolicy`)];
}

/** A job's pods end: `Always`, which every pod spec defaults to, is as good as silence. */
function validateRestartPolicy(spec: JobSpec, { spec: pod }: PodTemplateSpec, path: string): FieldError[] {
  const policy = pod?.restartPolicy ?? "";
  if (policy === "" || policy === "Always") return [requiredValue(path, 'valid values: "OnFailure", "Never"')];
  if (!RESTART_POLICIES.includes(policy)) return [notSupported(path, policy, RESTART_POLICIES)];
  return spec.podFailurePolicy && policy !== "Never"
    ? [invalidValue(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

export function validateCronJob(cronJob: CronJob): FieldError[] {
  const name = cronJob.metadata?.name ?? "";
  const tooLong =
    name.length > MAX_CRON_NAME
      ? [invalidValue("metadata.name", name, `must be no more than ${MAX_CRON_NAME} characters`)]
      : [];
  return [...validateCronJobSpec(cronJob, false), ...tooLong];
}

export function validateCronJobUpdate(cronJob: CronJob, old: Stored<CronJob>): FieldError[] {
  return validateCronJobSpec(cronJob, old.spec.schedule.includes("TZ"));
}

function validateCronJobSpec({ spec }: CronJob, mayNameZone: boolean): FieldError[] {
  const errors = validateSchedule(asSent(spec.schedule) ?? "", spec.timeZone, mayNameZone);
  errors.push(...nonNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds));
  errors.push(...validateTimeZone(spec.timeZone));
  errors.push(...oneOf("spec.concurrencyPolicy", spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"]));
  const path = "spec.jobTemplate.spec";
  const job = spec.jobTemplate.spec ?? { template: {} };
  errors.push(...validateJobSpec(job, path));
  if (job.selector) errors.push(invalidValue(`${path}.selector`, job.selector, "`selector` will be auto-generated"));
  if (job.manualSelector) errors.push(notSupported(`${path}.manualSelector`, true, ["nil", "false"]));
  errors.push(...nonNegative("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit));
  errors.push(...nonNegative("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit));
  return errors;
}

function validateSchedule(schedule: string, timeZone: string | undefined, mayNameZone: boolean): FieldError[] {
  const path = "spec.schedule";
  if (schedule === "") return [requiredValue(path)];
  const fault = scheduleFault(schedule);
  const errors = fault ? [invalidValue(path, schedule, fault)] : [];
  if (!schedule.includes("TZ")) return errors;
  if (!mayNameZone) {
    errors.push(invalidValue(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  } else if (timeZone !== undefined) {
    errors.push(invalidValue(path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
  }
  return errors;
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const path = "spec.timeZone";
  if (timeZone === undefined) return [];
  if (timeZone === "") return [invalidValue(path, timeZone, "timeZone must be nil or non-empty string")];
  if (timeZone.toLowerCase() === "local") {
    const why = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [invalidValue(path, timeZone, why)];
  }
  return isTimeZone(timeZone) ? [] : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
}
