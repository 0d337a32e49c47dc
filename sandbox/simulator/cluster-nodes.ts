import type { NodeApis } from "./api/node-api";
import type { NodePlan } from "./bootstrap/nodes";
import type { Client } from "./client/client";
import type { ErrorReporter } from "./client/controller";
import type { SharedInformers } from "./client/shared-informers";
import type { Clock } from "./clock";
import type { ImageCatalogue } from "./containers/images/image";
import { ImageRegistry } from "./containers/images/registry";
import { createRuntime, type FaultyRuntime } from "./containers/runtime";
import { Faults, type FaultyNode } from "./faults/faults";
import type { Heartbeats } from "./heartbeats";
import { Kubelet } from "./kubelet/kubelet";
import type { ContainerUsage } from "./kubelet/container-runtime";
import type { KubeletLatency } from "./kubelet/kubelet-context";
import { serveDns } from "./network/dns-server";
import { HealthChecks } from "./network/health-checks";
import type { NetworkHost } from "./network/network";
import { PolicyFilter } from "./network/policy/policy-filter";
import { ServiceProxy } from "./network/service-proxy";
import { VirtualNetwork } from "./network/virtual-network";
import type { Random } from "./random";

/** Where the nodes' network ends: who comes from outside has this address. */
const OUTSIDE_ADDRESS = "172.18.0.1";
const CLUSTER_DOMAIN = "cluster.local";

export interface ClusterNodesOptions {
  readonly plans: readonly NodePlan[];
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: SharedInformers;
  /** The client of a node's kubelet. */
  readonly clientFor: (nodeName: string) => Client;
  /** What the registries have. */
  readonly images: ImageCatalogue;
  readonly latency: KubeletLatency;
  readonly heartbeats: Heartbeats;
  readonly onError?: ErrorReporter;
}

/** The machines of a cluster: one network, and on each node a kubelet with its container runtime. */
export class ClusterNodes {
  readonly network: VirtualNetwork;
  readonly faults: Faults;
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #faulty = new Map<string, FaultyNode>();
  readonly #registry = new ImageRegistry();
  readonly #proxy: ServiceProxy;
  readonly #policies: PolicyFilter;
  readonly #healthChecks: HealthChecks;

  /** Make it before the informers start. */
  constructor(options: ClusterNodesOptions) {
    const { plans, clock, random, informers } = options;
    this.network = new VirtualNetwork({ clock, random });
    this.#proxy = new ServiceProxy({
      services: informers.services,
      endpointSlices: informers.endpointSlices,
      labelAt: (address) => this.network.hostAt(address)?.label,
      clock,
      random,
    });
    this.network.addTranslation(this.#proxy);
    const { networkPolicies: policies, pods, namespaces } = informers;
    this.#policies = new PolicyFilter({ policies, pods, namespaces });
    this.network.addFilter(this.#policies);
    this.network.attach(OUTSIDE_ADDRESS, { kind: "outside", name: "outside" });
    const nodes = plans.map(({ name, address }) => this.network.attach(address, { kind: "node", name }));
    this.#healthChecks = new HealthChecks({
      services: informers.services,
      endpointSlices: informers.endpointSlices,
      nodes,
      clock,
    });
    for (const [index, plan] of plans.entries()) {
      const host = nodes[index];
      if (host) this.#kubelets.set(plan.name, this.#makeKubelet(options, plan, host));
    }
    this.faults = new Faults({
      nodes: this.#faulty,
      network: this.network,
      registry: this.#registry,
      pods: informers.pods,
      random,
    });
  }

  /** How the API server reaches the kubelets that answer. */
  readonly apis: NodeApis = (nodeName) => {
    const kubelet = this.#kubelets.get(nodeName);
    return kubelet?.isPaused ? undefined : kubelet?.nodeApi;
  };

  async start(): Promise<void> {
    await Promise.all([...this.#kubelets.values()].map((kubelet) => kubelet.start()));
  }

  /** Takes a folder off a node's disk. */
  removeFolder(node: string, path: string): void {
    this.#kubelets.get(node)?.files.remove(path);
  }

  usageOf(node: string, podUid: string): ReadonlyMap<string, ContainerUsage> | undefined {
    const kubelet = this.#kubelets.get(node);
    return kubelet?.isPaused ? undefined : kubelet?.usageOf(podUid);
  }

  stop(): void {
    for (const kubelet of this.#kubelets.values()) kubelet.stop();
    this.#proxy.stop();
    this.#policies.stop();
    this.#healthChecks.stop();
  }

  #makeKubelet(
    { clock, random, informers, clientFor, images, latency, heartbeats, onError }: ClusterNodesOptions,
    plan: NodePlan,
    nodeHost: NetworkHost,
  ): Kubelet {
    const dns = { domain: CLUSTER_DOMAIN, random };
    const runtime = createRuntime({
      nodeName: plan.name,
      podCIDR: plan.podCIDR,
      network: this.network,
      nodeHost,
      clock,
      random,
      images,
      registry: this.#registry,
      preloaded: images.preloaded(plan.isTainted ? "control plane" : "worker"),
      hooks: { serveDns: (host: NetworkHost) => serveDns(host, informers, dns) },
    });
    const client = clientFor(plan.name);
    const kubelet = new Kubelet({
      nodeName: plan.name,
      nodeHost,
      client,
      runtime,
      clock,
      random,
      informers,
      latency,
      onError,
    });
    this.#faulty.set(plan.name, faultyNode(plan.name, kubelet, runtime, heartbeats, clock));
    return kubelet;
  }
}

function faultyNode(
  name: string,
  kubelet: Kubelet,
  runtime: FaultyRuntime,
  heartbeats: Heartbeats,
  clock: Clock,
): FaultyNode {
  return {
    pause: () => {
      kubelet.pause();
      heartbeats.stop(name, clock.now());
    },
    resume: async () => {
      heartbeats.resume(name);
      await kubelet.resume();
    },
    killPod: (podUid) => {
      for (const id of kubelet.runningContainers(podUid)) runtime.killContainer(id);
    },
    hogMemory: (podUid, bytes) => {
      const ends = kubelet.runningContainers(podUid).map((id) => runtime.hogMemory(id, bytes));
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
