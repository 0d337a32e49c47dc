import type { NodePlan } from "../bootstrap/nodes";
import type { SharedInformers } from "../client/shared-informers";
import type { Clock } from "../clock";
import type { Random } from "../random";
import { DNS_CODES, DnsFormatError, decodeMessage, encodeMessage } from "./dns-message";
import { HealthChecks } from "./health-checks";
import { HostPorts } from "./host-ports";
import type { NetworkHost, SocketAddress } from "./network";
import { OutsideView } from "./outside";
import { PolicyFilter } from "./policy/policy-filter";
import { ServiceDoor, type ServiceAccess } from "./service-door";
import { ServiceProxy } from "./service-proxy";
import { VirtualNetwork } from "./virtual-network";

/** Where the nodes' network ends: who comes from outside has this address. */
const OUTSIDE_ADDRESS = "172.18.0.1";
const DNS_PORT = 53;

export interface ClusterNetworkOptions {
  readonly plans: readonly NodePlan[];
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: SharedInformers;
}

/** The network of one cluster with all its rules, its nodes, and what is outside. Make it before the informers start. */
export class ClusterNetwork {
  readonly network: VirtualNetwork;
  /** The learner's machine, as far as the cluster sees it. */
  readonly outsideHost: NetworkHost;
  readonly outside: OutsideView;
  readonly services: ServiceAccess;
  readonly nodes: ReadonlyMap<string, NetworkHost>;
  readonly #parts: readonly { stop(): void }[];

  constructor({ plans, clock, random, informers }: ClusterNetworkOptions) {
    const { services, endpointSlices, networkPolicies: policies, pods, namespaces } = informers;
    const network = new VirtualNetwork({ clock, random });
    const labelAt = (address: string) => network.hostAt(address)?.label;
    const proxy = new ServiceProxy({ services, endpointSlices, labelAt, clock, random });
    const hostPorts = new HostPorts(pods, labelAt);
    const filter = new PolicyFilter({ policies, pods, namespaces });
    network.addTranslation(proxy);
    network.addTranslation(hostPorts);
    network.addFilter(filter);
    this.network = network;
    this.outsideHost = network.attach(OUTSIDE_ADDRESS, { kind: "outside", name: "outside" });
    this.outsideHost.serveDatagrams(DNS_PORT, (datagram) => Promise.resolve(unknownName(datagram)));
    this.nodes = new Map(
      plans.map(({ name, address }) => [name, network.attach(address, { kind: "node", name })] as const),
    );
    const healthChecks = new HealthChecks({ services, endpointSlices, nodes: [...this.nodes.values()], clock });
    const addresses = new Map(plans.map(({ name, address }) => [name, address] as const));
    this.outside = new OutsideView({
      host: this.outsideHost,
      services,
      hostPorts,
      nodes: addresses,
      isOpen: (target) => !refusesAll(network, proxy.targetsOf("TCP", target) ?? hostPorts.targetsOf(target)),
      onOpenChange: (listener) => {
        const ends = [
          endpointSlices.addHandler({ added: listener, updated: listener, deleted: listener }),
          network.onListenersChange(listener),
        ];
        return () => ends.forEach((end) => end());
      },
    });
    const host = this.nodes.get(plans[0]?.name ?? "") ?? this.outsideHost;
    this.services = new ServiceDoor({ services, endpointSlices, host, random });
    this.#parts = [proxy, hostPorts, filter, healthChecks, this.outside];
  }

  stop(): void {
    for (const part of this.#parts) part.stop();
  }
}

/** Whoever is not there at all does not refuse: a connection to them is lost. */
function refusesAll(network: VirtualNetwork, targets: readonly SocketAddress[]): boolean {
  return targets.every((target) => network.hostAt(target.address)?.listensAt(target) === false);
}

/** The world's DNS as it is seen from here: it has no names. */
function unknownName(datagram: Uint8Array): Uint8Array {
  try {
    return encodeMessage({ ...decodeMessage(datagram), response: true, code: DNS_CODES.NXDOMAIN });
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error;
    return new Uint8Array();
  }
}
