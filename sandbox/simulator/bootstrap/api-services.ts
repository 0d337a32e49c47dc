import type { APIService } from "../api/generated/kubernetes";
import { localService } from "../api/local-api-service";
import { GROUP_VERSIONS } from "../schema/resources";

/**
 * One for each group version that the API server serves itself. The aggregator's own does not count.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/
 */
export function apiServices(now: string): APIService[] {
  const served = GROUP_VERSIONS.filter(({ group }) => group !== "apiregistration.k8s.io");
  return served.map(({ group, version }) => {
    const [groupPriority, versionPriority] = PRIORITIES[`${group}/${version}`] ?? PRIORITIES[group] ?? OTHERS;
    return localService({ group, version, groupPriority, versionPriority, managed: "onstart" }, now);
  });
}

type Priority = readonly [group: number, version: number];

const OTHERS: Priority = [1000, 15];

/** Where a group stands in discovery, as the API server ranks it; a version's own rank where it is not the usual one. */
const PRIORITIES: Readonly<Record<string, Priority | undefined>> = {
  "": [18000, 1],
  apps: [17800, 15],
  "events.k8s.io": [17750, 15],
  "authentication.k8s.io": [17700, 15],
  "authorization.k8s.io": [17600, 15],
  autoscaling: [17500, 15],
  "autoscaling/v2": [17500, 30],
  batch: [17400, 15],
  "certificates.k8s.io": [17300, 15],
  "networking.k8s.io": [17200, 15],
  policy: [17100, 15],
  "rbac.authorization.k8s.io": [17000, 15],
  "storage.k8s.io": [16800, 15],
  "apiextensions.k8s.io": [16700, 15],
  "admissionregistration.k8s.io": [16700, 15],
  "scheduling.k8s.io": [16600, 15],
  "coordination.k8s.io": [16500, 15],
  "node.k8s.io": [16300, 15],
  "resource.k8s.io": [16200, 21],
  "discovery.k8s.io": [16200, 15],
  "flowcontrol.apiserver.k8s.io": [16100, 21],
};
