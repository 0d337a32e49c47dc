import type { Node, Pod, PodAffinityTerm } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import { matchesLabels, selectorFrom } from "../api/labels";
import { matchesNode } from "../api/node-affinity";
import type { Stored } from "../api/object";
import { termMatches, type Namespaces } from "./affinity-term";
import type { Candidate, NodeState, Plugin } from "./filters/filter";
import { hostPorts } from "./filters/node-ports";
import { nodeResourcesFit } from "./filters/node-resources-fit";
import { nodeUnschedulable } from "./filters/node-unschedulable";
import { taintToleration } from "./filters/taint-toleration";
import { NodeInfo } from "./node-info";

/** A change of the cluster after which a pod may fit that fitted nowhere. */
export type ClusterEvent =
  /** A pod came to a node, or one that is on a node got other labels. */
  | { readonly kind: "pod"; readonly pod: Stored<Pod>; readonly before?: Stored<Pod> }
  | { readonly kind: "pod gone"; readonly pod: Stored<Pod> }
  | { readonly kind: "node"; readonly node: Stored<Node>; readonly before?: Stored<Node> }
  | { readonly kind: "node gone" }
  | { readonly kind: "volumes" };

/**
 * Whether a pod that `plugin` refused somewhere is worth another try after `event`.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing-hint
 */
export function mayHelp(plugin: Plugin, candidate: Candidate, event: ClusterEvent, namespaces: Namespaces): boolean {
  switch (event.kind) {
    case "volumes":
      return plugin === "VolumeBinding";
    case "node gone":
      return plugin === "PodTopologySpread";
    case "node":
      return nodeMayHelp(plugin, candidate, event.node, event.before);
    case "pod":
      return newcomerMayHelp(plugin, candidate.pod, event.pod, event.before, namespaces);
    case "pod gone":
      return goneMayHelp(plugin, candidate.pod, event.pod, namespaces);
  }
}

function nodeMayHelp(
  plugin: Plugin,
  candidate: Candidate,
  node: Stored<Node>,
  before: Stored<Node> | undefined,
): boolean {
  const hasNews = (of: (node: Stored<Node>) => unknown) => !before || !equalJson(of(before), of(node));
  const passes = (filter: (candidate: Candidate, state: NodeState) => unknown) =>
    filter(candidate, NodeInfo.of(node, [])) === undefined;
  switch (plugin) {
    case "NodeAffinity":
      return hasNews(labelsOf) && matchesNode(candidate.pod.spec, node);
    case "TaintToleration":
      return hasNews(({ spec }) => spec?.taints) && passes(taintToleration);
    case "NodeUnschedulable":
      return hasNews(({ spec }) => spec?.unschedulable) && passes(nodeUnschedulable);
    case "NodeResourcesFit":
      return hasNews(({ status }) => status?.allocatable) && passes(nodeResourcesFit);
    case "InterPodAffinity":
    case "PodTopologySpread":
    case "VolumeBinding":
      return hasNews(labelsOf);
    case "NodeName":
    case "NodePorts":
      return !before;
  }
}

function newcomerMayHelp(
  plugin: Plugin,
  pod: Stored<Pod>,
  newcomer: Stored<Pod>,
  before: Stored<Pod> | undefined,
  namespaces: Namespaces,
): boolean {
  const concerns = (each: Stored<Pod>) =>
    plugin === "PodTopologySpread" ? isCounted(pod, each) : hasTermFor("podAffinity", pod, each, namespaces);
  switch (plugin) {
    case "PodTopologySpread":
      return concerns(newcomer) || (before !== undefined && concerns(before));
    case "InterPodAffinity":
      if (concerns(newcomer) && !(before && concerns(before))) return true;
      return before !== undefined && keptApart(pod, before, namespaces) && !keptApart(pod, newcomer, namespaces);
    default:
      return false;
  }
}

function goneMayHelp(plugin: Plugin, pod: Stored<Pod>, gone: Stored<Pod>, namespaces: Namespaces): boolean {
  switch (plugin) {
    case "NodeResourcesFit":
      return true;
    case "NodePorts":
      return hostPorts(gone).length > 0;
    case "InterPodAffinity":
      return keptApart(pod, gone, namespaces);
    case "PodTopologySpread":
      return isCounted(pod, gone);
    case "VolumeBinding":
      return (gone.spec?.volumes ?? []).some((volume) => volume.persistentVolumeClaim ?? volume.ephemeral);
    default:
      return false;
  }
}

function labelsOf({ metadata }: Stored<Node>): unknown {
  return metadata.labels;
}

/** Whether one of the two must not be where the other is. */
function keptApart(pod: Stored<Pod>, other: Stored<Pod>, namespaces: Namespaces): boolean {
  return hasTermFor("podAntiAffinity", pod, other, namespaces) || hasTermFor("podAntiAffinity", other, pod, namespaces);
}

function hasTermFor(
  rule: "podAffinity" | "podAntiAffinity",
  pod: Stored<Pod>,
  other: Stored<Pod>,
  namespaces: Namespaces,
): boolean {
  const terms: readonly PodAffinityTerm[] =
    pod.spec?.affinity?.[rule]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some((term) => termMatches(term, pod, other, namespaces));
}

/** Whether one of the pod's constraints on even spreading counts the other. */
function isCounted(pod: Stored<Pod>, other: Stored<Pod>): boolean {
  if (pod.metadata.namespace !== other.metadata.namespace) return false;
  return (pod.spec?.topologySpreadConstraints ?? []).some(({ labelSelector }) => {
    const selector = selectorFrom(labelSelector);
    return selector !== undefined && matchesLabels(selector, other.metadata.labels);
  });
}
