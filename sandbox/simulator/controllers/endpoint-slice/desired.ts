import type { DiscoveryEndpointPort, Endpoint, Pod, Service } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { isPodReady } from "../pod-state";
import { hostnameUnder, targetPortOn } from "./service-pods";

/** Endpoints that share their ports, and so may share a slice. */
export interface PortGroup {
  readonly ports: readonly DiscoveryEndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What a Service's slices should hold, grouped by ports. Pods that lack a named port are grouped without it. */
export function desiredGroups(service: Stored<Service>, pods: readonly Stored<Pod>[]): PortGroup[] {
  const groups = new Map<string, { ports: DiscoveryEndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const ports = portsOn(pod, service);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(pod, service));
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function portsKey(ports: readonly DiscoveryEndpointPort[] | undefined): string {
  return JSON.stringify(
    (ports ?? []).map(({ name, port, protocol, appProtocol }) => [name, port, protocol, appProtocol]),
  );
}

function portsOn(pod: Pod, service: Service): DiscoveryEndpointPort[] {
  const ports: DiscoveryEndpointPort[] = [];
  for (const each of service.spec?.ports ?? []) {
    const port = targetPortOn(pod, each);
    if (port === undefined) continue;
    const { name = "", protocol = "TCP", appProtocol } = each;
    ports.push({ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) });
  }
  return ports.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
}

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
function endpointOf(pod: Stored<Pod>, service: Stored<Service>): Endpoint {
  const { name, namespace, uid, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameUnder(pod, service);
  return {
    addresses: [pod.status?.podIP ?? ""],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    ...(pod.spec?.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: "Pod", name, namespace, uid },
  };
}
