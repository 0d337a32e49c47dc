import type { Container, EnvVar, Job, Pod, PodTemplateSpec } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import { failureAnnotations } from "./back-off";
import { INDEX_ANNOTATION, limitsEachIndex, TRACKING_FINALIZER } from "./job-view";

const INDEX_VARIABLE: EnvVar = {
  name: "JOB_COMPLETION_INDEX",
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX_ANNOTATION}']` } },
};

/** The template of a Job's next pod, of one index where the Job is Indexed. `failed` is the pod it replaces. */
export function podTemplate(job: Job, index: number | undefined, failed: Pod | undefined): PodTemplateSpec {
  const template = cloneJson(job.spec?.template ?? {});
  const metadata = (template.metadata ??= {});
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(TRACKING_FINALIZER)) metadata.finalizers = [...finalizers, TRACKING_FINALIZER];
  if (index === undefined || !template.spec) return template;
  metadata.labels = { ...metadata.labels, [INDEX_ANNOTATION]: String(index) };
  metadata.annotations = { ...metadata.annotations, [INDEX_ANNOTATION]: String(index) };
  if (limitsEachIndex(job)) Object.assign(metadata.annotations, failureAnnotations(job, failed));
  template.spec.hostname = `${job.metadata?.name ?? ""}-${index}`;
  template.spec.containers.forEach(addIndexVariable);
  template.spec.initContainers?.forEach(addIndexVariable);
  return template;
}

/** The prefix of the names of a Job's pods. */
export function generateName(job: Job, index: number | undefined): string {
  const name = job.metadata?.name ?? "";
  if (index === undefined) return `${name}-`;
  // What the server adds must still fit: names are cut rather than refused.
  const suffix = `-${index}-`;
  return name.slice(0, 58 - suffix.length) + suffix;
}

function addIndexVariable(container: Container): void {
  const variables = container.env ?? [];
  if (variables.some(({ name }) => name === INDEX_VARIABLE.name)) return;
  container.env = [...variables, INDEX_VARIABLE];
}
