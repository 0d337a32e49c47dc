import type { CronJob, Job } from "../../api/generated/kubernetes";
import type { TimeZone } from "../../api/cron/zoned-time";
import type { Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";

/** One name for each time: a run that was made but not noted cannot be made twice. */
export function jobName(cronJob: Stored<CronJob>, scheduled: number): string {
  return `${cronJob.metadata.name}-${Math.floor(scheduled / 60_000)}`;
}

export function scheduledJob(cronJob: Stored<CronJob>, scheduled: number, zone: TimeZone): Job {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(cronJob, scheduled),
      namespace: cronJob.metadata.namespace,
      ...(metadata?.labels && { labels: metadata.labels }),
      annotations: {
        ...metadata?.annotations,
        "batch.kubernetes.io/cronjob-scheduled-timestamp": zone.format(scheduled),
      },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  };
}
