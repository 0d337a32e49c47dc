import type { Pod, Service, ServicePort } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFromMap } from "../../api/labels";
import { keyOf, type Stored } from "../../api/object";
import type { Informer, Lister } from "../../client/informer";
import type { WorkQueue } from "../../client/work-queue";
import { isPodReady, isPodTerminal } from "../pod-state";
import { equalJson } from "../../api/json";

/** A Service that has endpoints of pods: it selects some, and is not a mere alias. */
export function selectsPods(service: Service): boolean {
  return service.spec?.type !== "ExternalName" && selectorFromMap(service.spec?.selector) !== undefined;
}

/** The pods a Service selects that have an address and have not ended. */
export function selectedPods(service: Stored<Service>, pods: Lister<Pod>): Stored<Pod>[] {
  const selector = selectorFromMap(service.spec?.selector);
  if (!selector) return [];
  return pods
    .list(service.metadata.namespace)
    .filter((pod) => matchesLabels(selector, pod.metadata.labels) && hasAddress(pod) && !isPodTerminal(pod));
}

function hasAddress(pod: Pod): boolean {
  return (pod.status?.podIP ?? "") !== "";
}

/** The number of a Service port on one pod; `undefined` when the pod declares no port of that name. */
export function targetPortOn(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort;
  if (target === undefined || target === 0 || target === "") return port.port;
  if (typeof target === "number") return target;
  const protocol = port.protocol ?? "TCP";
  const containers = [...(pod.spec?.containers ?? []), ...sidecars(pod)];
  for (const container of containers) {
    for (const each of container.ports ?? []) {
      if (each.name === target && (each.protocol ?? "TCP") === protocol) return each.containerPort;
    }
  }
  return undefined;
}

function sidecars(pod: Pod) {
  return (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
}

export function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === "None";
}

/** A pod's own name under a headless Service: it asks for one, and for this Service. */
export function hostnameUnder(pod: Pod, service: Stored<Service>): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** Puts Services on a queue when they change, and when a pod they select changes in a way endpoints can show. */
export function enqueueServices(queue: WorkQueue, services: Informer<Service>, pods: Informer<Pod>): void {
  services.addHandler({
    added: (service) => queue.add(keyOf(service)),
    updated: (_, service) => queue.add(keyOf(service)),
    deleted: (service) => queue.add(keyOf(service)),
  });
  const enqueueFor = (pod: Stored<Pod>) => {
    for (const service of services.list(pod.metadata.namespace)) {
      const selector = selectorFromMap(service.spec?.selector);
      if (selector && matchesLabels(selector, pod.metadata.labels)) queue.add(keyOf(service));
    }
  };
  pods.addHandler({
    added: enqueueFor,
    updated: (before, pod) => {
      if (!showsInEndpoints(before, pod)) return;
      enqueueFor(pod);
      if (!equalJson(before.metadata.labels, pod.metadata.labels)) enqueueFor(before);
    },
    deleted: enqueueFor,
  });
}

function showsInEndpoints(before: Stored<Pod>, after: Stored<Pod>): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    isPodReady(before) !== isPodReady(after) ||
    isPodTerminal(before) !== isPodTerminal(after) ||
    before.spec?.nodeName !== after.spec?.nodeName ||
    !equalJson(before.status?.podIPs, after.status?.podIPs) ||
    !equalJson(before.metadata.labels, after.metadata.labels)
  );
}
