import type { Pod } from "../api/generated/kubernetes";
import { matchesLabels, selectorFromMap } from "../api/labels";
import type { KubeObject, Stored } from "../api/object";
import type { Client } from "../client/client";
import {
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  JOBS,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICES,
  STATEFUL_SETS,
} from "../client/resources";
import { isPodReady, isPodTerminal } from "../controllers/pod-state";

/** What must hold at every moment. Throws with what does not. */
export async function checkAlways(client: Client): Promise<void> {
  const { items: pods } = await client.list(PODS, "");
  const addresses = new Map<string, string>();
  for (const pod of pods) {
    const ip = pod.status?.podIP;
    if (!ip || pod.spec?.hostNetwork || isPodTerminal(pod)) continue;
    const other = addresses.get(ip);
    if (other) throw new Error(`${other} and ${pod.metadata.name} have the address ${ip}`);
    addresses.set(ip, pod.metadata.name);
  }
  for (const [name, count] of tally(pods.filter(isStateful))) {
    if (count > 1) throw new Error(`there are ${count} pods of the name ${name}`);
  }
}

/** What must hold once nothing happens any more. */
export async function checkSettled(client: Client): Promise<void> {
  await checkAlways(client);
  const { items: pods } = await client.list(PODS, "default");
  await checkOwners(client, pods);
  await checkEndpoints(client, pods);
  await checkSizes(client);
}

async function checkOwners(client: Client, pods: readonly Stored<Pod>[]): Promise<void> {
  const owners = new Set<string>();
  for (const resource of [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS]) {
    for (const { metadata } of (await client.list<KubeObject>(resource, "default")).items) owners.add(metadata.uid);
  }
  const owned = [
    ...pods,
    ...(await client.list(REPLICA_SETS, "default")).items,
    ...(await client.list(JOBS, "default")).items,
  ];
  for (const { kind, metadata } of owned) {
    const isOrphan = (metadata.ownerReferences ?? []).some(({ uid }) => !owners.has(uid));
    if (isOrphan) throw new Error(`${kind} ${metadata.name} has lost its owner`);
  }
}

async function checkEndpoints(client: Client, pods: readonly Stored<Pod>[]): Promise<void> {
  const { items: slices } = await client.list(ENDPOINT_SLICES, "default");
  for (const { metadata, spec } of (await client.list(SERVICES, "default")).items) {
    const selector = selectorFromMap(spec?.selector);
    if (!selector) continue;
    const ready = pods.filter(
      (pod) => matchesLabels(selector, pod.metadata.labels) && isPodReady(pod) && !pod.metadata.deletionTimestamp,
    );
    const listed = slices
      .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready)
      .flatMap(({ addresses }) => addresses);
    const wanted = ready.map(({ status }) => status?.podIP ?? "");
    if (listed.sort().join() !== wanted.sort().join()) {
      throw new Error(`Service ${metadata.name} leads to [${listed.join()}], ready are [${wanted.join()}]`);
    }
  }
}

/** As many ready pods as asked for, as long as there is a node for them. */
async function checkSizes(client: Client): Promise<void> {
  const { items: nodes } = await client.list(NODES, "");
  const isOpen = nodes.some(({ spec }) => !spec?.unschedulable && !spec?.taints?.length);
  for (const { metadata, spec, status } of (await client.list(DEPLOYMENTS, "default")).items) {
    check(metadata.name, metadata.generation, status?.observedGeneration);
    if (isOpen) check(metadata.name, spec?.replicas ?? 1, status?.readyReplicas ?? 0);
  }
  for (const { metadata, spec, status } of (await client.list(STATEFUL_SETS, "default")).items) {
    check(metadata.name, metadata.generation, status?.observedGeneration);
    if (isOpen) check(metadata.name, spec?.replicas ?? 1, status?.readyReplicas ?? 0);
  }
  for (const { metadata, status } of (await client.list(DAEMON_SETS, "default")).items) {
    check(metadata.name, metadata.generation, status?.observedGeneration);
  }
}

function check(name: string, wanted: number | undefined, found: number | undefined): void {
  if (wanted !== found) throw new Error(`${name} wants ${wanted ?? "nothing"} and has ${found ?? "nothing"}`);
}

function isStateful({ metadata }: Pod): boolean {
  return metadata?.ownerReferences?.some(({ kind }) => kind === "StatefulSet") ?? false;
}

function tally(pods: readonly Stored<Pod>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { metadata } of pods) counts.set(metadata.name, (counts.get(metadata.name) ?? 0) + 1);
  return counts;
}
