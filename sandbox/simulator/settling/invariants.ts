import type {
  DaemonSet,
  Deployment,
  EndpointSlice,
  Job,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from "../api/generated/kubernetes";
import { matchesLabels, selectorFromMap } from "../api/labels";
import type { KubeObject, Resource, Stored } from "../api/object";
import type { Client } from "../client/client";
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  JOBS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
} from "../client/resources";
import type { Cluster } from "../cluster";
import { isPodReady, isPodTerminal } from "../controllers/pod-state";

/** What must hold once nothing happens any more and nothing is in the way. Returns what does not. */
export async function unsettled(cluster: Cluster): Promise<string[]> {
  const client = cluster.client();
  const all = async <T extends KubeObject>(resource: Resource<T>) => (await client.list(resource, "")).items;
  const pods = await all(PODS);
  return [
    ...orphans(cluster),
    ...leaving(cluster),
    ...endpoints(await all(SERVICES), await all(ENDPOINT_SLICES), pods),
    ...(await sizes(client, pods)),
    ...jobs(await all(JOBS)),
    ...machines(cluster, pods),
    ...volumes(await all(PERSISTENT_VOLUME_CLAIMS), await all(PERSISTENT_VOLUMES)),
  ];
}

/** Whoever names an owner has one. */
function orphans(cluster: Cluster): string[] {
  const objects = everything(cluster);
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return objects
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => !uids.has(uid)))
    .map((object) => `${title(object)} has lost its owner`);
}

/** What was deleted is gone. */
function leaving(cluster: Cluster): string[] {
  const left = everything(cluster).filter(({ metadata }) => metadata.deletionTimestamp);
  return left.map((object) => `${title(object)} is still on its way out`);
}

/** Slices lead to the ready pods, and to nobody else. */
function endpoints(
  services: readonly Stored<Service>[],
  slices: readonly Stored<EndpointSlice>[],
  pods: readonly Stored<Pod>[],
): string[] {
  return services.flatMap(({ metadata: { namespace, name }, spec }) => {
    const selector = selectorFromMap(spec?.selector);
    if (!selector) return [];
    const ready = pods
      .filter(({ metadata }) => metadata.namespace === namespace && matchesLabels(selector, metadata.labels))
      .filter((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp)
      .map(({ status }) => status?.podIP ?? "");
    const listed = slices
      .filter(({ metadata }) => metadata.namespace === namespace)
      .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name)
      .flatMap((slice) => slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready)
      .flatMap(({ addresses }) => addresses);
    const isRight = listed.sort().join() === ready.sort().join();
    return isRight ? [] : [`Service ${name} leads to [${listed.join()}], ready are [${ready.join()}]`];
  });
}

/** As many pods as asked for, all of them ready, and the status says so. */
async function sizes(client: Client, pods: readonly Stored<Pod>[]): Promise<string[]> {
  const { items: nodes } = await client.list(NODES, "");
  const owned = (uid: string) =>
    pods.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.controller));
  const replicated: readonly Stored<Deployment | ReplicaSet | StatefulSet>[] = [
    ...(await client.list(DEPLOYMENTS, "")).items,
    ...(await client.list(REPLICA_SETS, "")).items,
    ...(await client.list(STATEFUL_SETS, "")).items,
  ];
  const complaints: string[] = [];
  const expect = (object: Stored, what: string, wanted: number | undefined, found: number | undefined) => {
    if ((wanted ?? 0) !== (found ?? 0))
      complaints.push(`${title(object)}: ${what} ${found ?? 0}, wanted ${wanted ?? 0}`);
  };
  for (const object of replicated) {
    const { metadata, spec, status } = object;
    expect(object, "observedGeneration", metadata.generation, status?.observedGeneration);
    expect(object, "replicas", spec?.replicas ?? 1, status?.replicas);
    expect(object, "readyReplicas", spec?.replicas ?? 1, status?.readyReplicas);
    if (object.kind === "Deployment") continue;
    const ready = owned(metadata.uid).filter((pod) => isPodReady(pod));
    expect(object, "pods", spec?.replicas ?? 1, owned(metadata.uid).length);
    expect(object, "ready pods", spec?.replicas ?? 1, ready.length);
  }
  for (const set of (await client.list(DAEMON_SETS, "")).items)
    complaints.push(...daemons(set, nodes, owned(set.metadata.uid)));
  return complaints;
}

/** One on each node that takes it. */
function daemons(set: Stored<DaemonSet>, nodes: readonly Stored<Node>[], pods: readonly Stored<Pod>[]): string[] {
  const isTolerant = set.metadata.namespace === "kube-system";
  const open = nodes.filter(({ spec }) => isTolerant || !spec?.taints?.length).map(({ metadata }) => metadata.name);
  const taken = pods.filter(isPodReady).map(({ spec }) => spec?.nodeName ?? "");
  const { desiredNumberScheduled = 0, numberReady = 0, observedGeneration } = set.status ?? {};
  const isRight =
    open.sort().join() === taken.sort().join() &&
    desiredNumberScheduled === open.length &&
    numberReady === open.length &&
    observedGeneration === set.metadata.generation;
  if (isRight) return [];
  const says = `${numberReady} of ${desiredNumberScheduled}`;
  return [`${title(set)} is on [${taken.join()}] and says ${says}, open are [${open.join()}]`];
}

/** Done, or given up, or with nothing it may start. */
function jobs(all: readonly Stored<Job>[]): string[] {
  return all
    .filter(({ spec, status }) => {
      const isOver = status?.conditions?.some(
        ({ type, status: state }) => (type === "Complete" || type === "Failed") && state === "True",
      );
      return !isOver && spec?.parallelism !== 0 && !spec?.suspend;
    })
    .map((job) => `${title(job)} has not ended: ${JSON.stringify(job.status)}`);
}

/** On the nodes are the pods of the API and nothing else; who runs has an address, who ended has given it back. */
function machines(cluster: Cluster, pods: readonly Stored<Pod>[]): string[] {
  const complaints: string[] = [];
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod] as const));
  const running = new Set<string>();
  for (const { node, name, uid, address, stopped } of cluster.sandboxes()) {
    const pod = byUid.get(uid);
    if (!pod || pod.spec?.nodeName !== node) complaints.push(`${name} is left on ${node}`);
    else if (!stopped && isPodTerminal(pod)) complaints.push(`${name} has ended and is not stopped on ${node}`);
    else if (address && pod.status?.podIP !== address) complaints.push(`${name} has ${address} on ${node}`);
    if (!stopped) running.add(uid);
  }
  for (const pod of pods) {
    const { uid, name } = pod.metadata;
    if (isPodReady(pod) && !running.has(uid)) complaints.push(`${name} is ready and does not run`);
  }
  return complaints;
}

/** A claim that is bound has its volume, and no volume is without its claim. */
function volumes(claims: readonly Stored<PersistentVolumeClaim>[], all: readonly Stored<PersistentVolume>[]): string[] {
  const names = new Set(all.map(({ metadata }) => metadata.name));
  const uids = new Set(claims.map(({ metadata }) => metadata.uid));
  const missing = claims.filter(({ spec }) => spec?.volumeName && !names.has(spec.volumeName));
  const left = all.filter(({ spec }) => !spec?.claimRef?.uid || !uids.has(spec.claimRef.uid));
  return [
    ...missing.map((claim) => `${title(claim)} has lost its volume`),
    ...left.map((volume) => `${title(volume)} has no claim`),
  ];
}

function everything(cluster: Cluster): Stored[] {
  return cluster
    .snapshot()
    .collections.filter(([collection]) => collection !== "/events")
    .flatMap(([, objects]) => objects.map(([, object]) => object));
}

function title({ kind, metadata: { namespace, name } }: Stored): string {
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}
