import type { DaemonSet, NodeSelectorTerm, Pod, PodTemplateSpec } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import { POD_REVISION_LABEL } from "../controller-revisions";
import { daemonTolerations } from "./node-fit";

const GENERATION_LABEL = "pod-template-generation";
const GENERATION_ANNOTATION = "deprecated.daemonset.template.generation";

/** The template of the pod for one node: bound to it by affinity, so that the scheduler still has the say. */
export function daemonPodTemplate(daemonSet: DaemonSet, nodeName: string, hash: string): PodTemplateSpec {
  const template = cloneJson(daemonSet.spec?.template ?? {});
  const generation = daemonSet.metadata?.annotations?.[GENERATION_ANNOTATION];
  template.metadata = {
    ...template.metadata,
    labels: {
      ...template.metadata?.labels,
      ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
      [POD_REVISION_LABEL]: hash,
    },
  };
  if (!template.spec) return template;
  template.spec.tolerations = daemonTolerations(template.spec);
  const affinity = (template.spec.affinity ??= {});
  const nodeAffinity = (affinity.nodeAffinity ??= {});
  // The set's own terms were met already, or the node would get no pod.
  nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [onlyNode(nodeName)] };
  return template;
}

/** The node a daemon pod is on, or is meant for. */
export function targetNode(pod: Pod): string | undefined {
  if (pod.spec?.nodeName) return pod.spec.nodeName;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const term of required?.nodeSelectorTerms ?? []) {
    const field = term.matchFields?.find(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (field?.values?.length === 1) return field.values[0];
  }
  return undefined;
}

export function isUpdated(pod: Pod, hash: string): boolean {
  return pod.metadata?.labels?.[POD_REVISION_LABEL] === hash;
}

function onlyNode(name: string): NodeSelectorTerm {
  return { matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] };
}
