import type { Pod, PodTemplateSpec, StatefulSet, Volume } from "../../api/generated/kubernetes";
import { cloneJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";
import { POD_REVISION_LABEL } from "../controller-revisions";

/** What makes a pod of a StatefulSet itself: its ordinal, from which name, host name and claims follow. */

const NAME_LABEL = "statefulset.kubernetes.io/pod-name";
const INDEX_LABEL = "apps.kubernetes.io/pod-index";

export function startOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0;
}

export function podName(set: Stored<StatefulSet>, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The ordinal in the pod's name; `undefined` when the name is not one of the set's. */
export function ordinalOf(set: Stored<StatefulSet>, pod: Stored<Pod>): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name);
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata?.labels?.[POD_REVISION_LABEL];
}

/** The name of the claim that the template `claim` stands for. */
export function claimName(set: Stored<StatefulSet>, claim: string, ordinal: number): string {
  return `${claim}-${set.metadata.name}-${ordinal}`;
}

export function newPod(set: Stored<StatefulSet>, template: PodTemplateSpec, ordinal: number, revision: string): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const name = podName(set, ordinal);
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: set.metadata.namespace,
      labels: { ...labels, ...identityLabels(set, ordinal), [POD_REVISION_LABEL]: revision },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: cloneJson(template.spec),
  };
  if (pod.spec) {
    pod.spec.hostname = name;
    if (set.spec?.serviceName) pod.spec.subdomain = set.spec.serviceName;
    const volumes = withClaims(set, ordinal, pod.spec.volumes);
    if (volumes.length > 0) pod.spec.volumes = volumes;
  }
  return pod;
}

/** Whether the pod carries its labels and uses its claims. */
export function isItself(set: Stored<StatefulSet>, pod: Stored<Pod>, ordinal: number): boolean {
  const labels = Object.entries(identityLabels(set, ordinal));
  return labels.every(([key, value]) => pod.metadata.labels?.[key] === value) && usesClaims(set, pod, ordinal);
}

/** The pod with its identity put right. */
export function asItself(set: Stored<StatefulSet>, pod: Stored<Pod>, ordinal: number): Stored<Pod> {
  const copy = cloneJson(pod);
  copy.metadata.labels = { ...copy.metadata.labels, ...identityLabels(set, ordinal) };
  if (copy.spec) copy.spec.volumes = withClaims(set, ordinal, copy.spec.volumes);
  return copy;
}

function identityLabels(set: Stored<StatefulSet>, ordinal: number): Record<string, string> {
  return { [NAME_LABEL]: podName(set, ordinal), [INDEX_LABEL]: String(ordinal) };
}

function usesClaims(set: Stored<StatefulSet>, pod: Stored<Pod>, ordinal: number): boolean {
  return (set.spec?.volumeClaimTemplates ?? []).every(({ metadata }) => {
    const name = metadata?.name ?? "";
    const volume = pod.spec?.volumes?.find((each) => each.name === name);
    return volume?.persistentVolumeClaim?.claimName === claimName(set, name, ordinal);
  });
}

/** A claim takes the place of a volume of the same name. */
function withClaims(set: Stored<StatefulSet>, ordinal: number, volumes: readonly Volume[] = []): Volume[] {
  const claims = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? "");
  return [
    ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: claimName(set, name, ordinal) } })),
    ...volumes.filter(({ name }) => !claims.includes(name)),
  ];
}
