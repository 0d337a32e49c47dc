import type { CronJob, Job, JobSpec } from "../api/generated/kubernetes";
import { ageCell, booleanCell, containerCells, nameCell, selectorCell } from "./cells";
import { age, humanDuration } from "./duration";
import { defaultPodSpec } from "./pod-defaults";
import { columns, type Strategy } from "./strategy";
import { validateCronJob, validateCronJobUpdate, validateJob, validateJobUpdate } from "./job-validation";

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/ */
export const jobStrategy: Strategy<Job> = {
  defaults(job) {
    if (!job.spec) return;
    defaultJobSpec(job.spec);
    labelLikeTemplate(job);
  },
  prepareForCreate(job) {
    const { spec } = job;
    if (!spec || spec.manualSelector) return;
    // The job's own pods, told from all others by its uid.
    const own = { "batch.kubernetes.io/controller-uid": job.metadata?.uid ?? "" };
    const name = job.metadata?.name ?? "";
    const metadata = (spec.template.metadata ??= {});
    metadata.labels = {
      ...metadata.labels,
      ...own,
      "batch.kubernetes.io/job-name": name,
      "controller-uid": own["batch.kubernetes.io/controller-uid"],
      "job-name": name,
    };
    spec.selector = { matchLabels: { ...spec.selector?.matchLabels, ...own } };
    labelLikeTemplate(job);
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  fields: ({ status }) => ({ "status.successful": String(status?.succeeded ?? 0) }),
  printer: {
    columns: columns("Name", "Status", "Completions", "Duration", "Age", "+Containers", "+Images", "+Selector"),
    row: (job, now) => [
      nameCell(job),
      jobStatusCell(job),
      completionsCell(job),
      durationCell(job, now),
      ageCell(job, now),
      ...containerCells(job.spec?.template),
      selectorCell(job.spec?.selector),
    ],
  },
};

/** A Job without labels takes those of its pods. */
function labelLikeTemplate({ metadata, spec }: Job): void {
  const labels = spec?.template.metadata?.labels;
  if (metadata && labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647;
  spec.completionMode ||= "NonIndexed";
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ||= spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed";
  spec.template.metadata ??= {};
  if (spec.template.spec) defaultPodSpec(spec.template.spec);
}

function jobStatusCell({ status, metadata, spec }: Job): string {
  const has = (type: string): boolean =>
    (status?.conditions ?? []).some((each) => each.type === type && each.status === "True");
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata?.deletionTimestamp) return "Terminating";
  if (has("Suspended") || spec?.suspend) return "Suspended";
  if (has("FailureTarget")) return "FailureTarget";
  return has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
}

function completionsCell({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ status }: Job, now: number): string {
  if (!status?.startTime) return "";
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
export const cronJobStrategy: Strategy<CronJob> = {
  defaults({ spec }) {
    spec.concurrencyPolicy ||= "Allow";
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    spec.jobTemplate.metadata ??= {};
    const template = spec.jobTemplate.spec?.template;
    if (!template) return;
    template.metadata ??= {};
    if (template.spec) defaultPodSpec(template.spec);
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  printer: {
    columns: columns(
      "Name",
      "Schedule",
      "Timezone",
      "Suspend:boolean",
      "Active:integer",
      "Last Schedule",
      "Age",
      "+Containers",
      "+Images",
      "+Selector",
    ),
    row: (cronJob, now) => [
      nameCell(cronJob),
      cronJob.spec.schedule,
      cronJob.spec.timeZone ?? "<none>",
      booleanCell(cronJob.spec.suspend),
      (cronJob.status?.active ?? []).length,
      cronJob.status?.lastScheduleTime ? age(cronJob.status.lastScheduleTime, now) : "<none>",
      ageCell(cronJob, now),
      ...containerCells(cronJob.spec.jobTemplate.spec?.template),
      selectorCell(cronJob.spec.jobTemplate.spec?.selector),
    ],
  },
};
