import type {
  Deployment,
  ReplicaSet,
  StatefulSet,
  V2CrossVersionObjectReference,
} from "../../api/generated/kubernetes";
import { matchesLabels, selectorFrom, type Selector } from "../../api/labels";
import type { Resource } from "../../api/object";
import { isNotFound } from "../../api/status";
import type { Client } from "../../client/client";
import { DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS } from "../../client/resources";

/** What an autoscaler scales, as its scale subresource shows it. */
export interface ScaleTarget {
  readonly replicas: number;
  readonly selector: Selector;
  /** Asks for another number of replicas. */
  setReplicas(replicas: number): Promise<void>;
}

/** The target, or why it cannot be scaled in the words of the autoscaler's events. */
export async function scaleTarget(
  client: Client,
  namespace: string,
  { apiVersion = "", kind, name }: V2CrossVersionObjectReference,
): Promise<ScaleTarget | string> {
  const [group = ""] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  const resource = SCALABLE.find((each) => each.kind === kind && each.group === group);
  if (!resource) return `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`;
  try {
    const { spec } = await client.get(resource, { namespace, name });
    const body = (replicas: number) => ({ spec: { replicas } });
    return {
      replicas: spec?.replicas ?? 1,
      selector: selectorFrom(spec?.selector) ?? [],
      setReplicas: async (replicas) => {
        const patch = { type: "merge" as const, body: body(replicas), subresource: "scale" };
        await client.patch(resource, { namespace, name }, patch);
      },
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return `${resource.name}/scale.${group} "${name}" not found`;
  }
}

export function selects({ selector }: ScaleTarget, labels: Readonly<Record<string, string>> | undefined): boolean {
  return matchesLabels(selector, labels);
}

const SCALABLE: readonly Resource<Deployment | ReplicaSet | StatefulSet>[] = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS];
