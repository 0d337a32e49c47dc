import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { hostnameUnder, isHeadless, targetPortOn } from "../endpoint-slice/service-pods";
import { isPodReady } from "../pod-state";

/** The subsets of a Service's Endpoints: addresses that share their ports, ready and not ready apart. */
export function subsetsOf(service: Stored<Service>, pods: readonly Stored<Pod>[]): EndpointSubset[] {
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    const isGoing = pod.metadata.deletionTimestamp !== undefined;
    const publishAll = service.spec?.publishNotReadyAddresses === true;
    if (isGoing && !publishAll) continue;
    const ports = portsOn(pod, service);
    if (ports.length === 0 && !(isHeadless(service) && (service.spec?.ports ?? []).length === 0)) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    (publishAll || isPodReady(pod) ? group.ready : group.notReady).push(addressOf(pod, service));
  }
  return [...groups.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length > 0 && { addresses: sorted(ready) }),
    ...(notReady.length > 0 && { notReadyAddresses: sorted(notReady) }),
    ...(ports.length > 0 && { ports }),
  }));
}

function portsOn(pod: Pod, service: Service): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const each of service.spec?.ports ?? []) {
    const port = targetPortOn(pod, each);
    if (port === undefined) continue;
    const { name, protocol = "TCP", appProtocol } = each;
    ports.push({
      ...(name !== undefined && { name }),
      port,
      protocol,
      ...(appProtocol !== undefined && { appProtocol }),
    });
  }
  return ports.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
}

function addressOf(pod: Stored<Pod>, service: Stored<Service>): EndpointAddress {
  const { name, namespace, uid } = pod.metadata;
  const hostname = hostnameUnder(pod, service);
  return {
    ...(hostname !== undefined && { hostname }),
    ip: pod.status?.podIP ?? "",
    ...(pod.spec?.nodeName !== undefined && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: "Pod", name, namespace, uid },
  };
}

function sorted(addresses: EndpointAddress[]): EndpointAddress[] {
  return addresses.sort((a, b) => (a.ip < b.ip ? -1 : 1));
}
