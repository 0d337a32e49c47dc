import type { DiscoveryEndpointPort, Endpoint, EndpointAddress, Endpoints } from "../../api/generated/kubernetes";
import { portsKey, type PortGroup } from "../endpoint-slice/desired";

/** So many addresses of a subset are taken over. */
const MOST = 1000;

/** What slices that mirror hand-made Endpoints hold: the same addresses, grouped by their ports. */
export function mirroredGroups(endpoints: Endpoints): PortGroup[] {
  const groups = new Map<string, { ports: DiscoveryEndpointPort[]; endpoints: Endpoint[] }>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of endpoints.subsets ?? []) {
    const named = ports.map(({ name = "", protocol = "TCP", port, appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol !== undefined && { appProtocol }),
    }));
    const key = portsKey(named);
    const group = groups.get(key) ?? { ports: named, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(...addresses.slice(0, MOST).map((address) => endpointOf(address, true)));
    group.endpoints.push(
      ...notReadyAddresses
        .slice(0, MOST - Math.min(MOST, addresses.length))
        .map((address) => endpointOf(address, false)),
    );
  }
  return [...groups.values()].filter((group) => group.endpoints.length > 0);
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}
