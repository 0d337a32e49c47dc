import type { Pod } from "../api/generated/kubernetes";
import { matchesLabels, selectorFromMap, type Labels } from "../api/labels";
import type { Stored } from "../api/object";
import type { SharedInformers } from "../client/shared-informers";

/** A Ready pod of an add-on: while there is none, it does nothing. */
export function readyPod({ pods }: SharedInformers, namespace: string, labels: Labels): Stored<Pod> | undefined {
  const selector = selectorFromMap(labels) ?? [];
  return pods
    .list(namespace)
    .find(({ metadata, status }) => matchesLabels(selector, metadata.labels) && isReady(status));
}

function isReady(status: Pod["status"]): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}
