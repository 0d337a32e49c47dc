import type { Pod } from "./api/generated/kubernetes";
import type { NodeApis } from "./api/node-api";
import type { NodePlan } from "./bootstrap/nodes";
import type { Client } from "./client/client";
import type { ErrorReporter } from "./client/controller";
import type { Lister } from "./client/informer";
import type { SharedInformers } from "./client/shared-informers";
import type { Clock } from "./clock";
import type { ImageCatalogue } from "./containers/images/image";
import { ImageRegistry } from "./containers/images/registry";
import type { Core } from "./containers/processes/core";
import { createRuntime, type FaultyRuntime, type SandboxOnNode } from "./containers/runtime";
import { Faults, type FaultyNode } from "./faults/faults";
import type { Heartbeats } from "./heartbeats";
import type { SystemServices } from "./containers/processes/machine";
import { Kubelet } from "./kubelet/kubelet";
import type { ContainerUsage } from "./kubelet/container-runtime";
import type { KubeletLatency } from "./kubelet/kubelet-context";
import { ClusterNetwork } from "./network/cluster-network";
import { serveDns } from "./network/dns-server";
import type { NetworkHost } from "./network/network";
import type { OutsideView } from "./network/outside";
import type { ServiceAccess } from "./network/service-door";
import { answerTrace } from "./cluster-trace";
import type { VirtualNetwork } from "./network/virtual-network";
import type { Random } from "./random";

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
  /** What programs in containers run on. */
  readonly core: Core;
  readonly onError?: ErrorReporter;
}

/** The machines of a cluster: one network, and on each node a kubelet with its container runtime. */
export class ClusterNodes {
  readonly faults: Faults;
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #runtimes: FaultyRuntime[] = [];
  readonly #faulty = new Map<string, FaultyNode>();
  readonly #registry = new ImageRegistry();
  readonly #clusterNetwork: ClusterNetwork;
  readonly #system: SystemServices;

  /** Make it before the informers start. */
  constructor(options: ClusterNodesOptions) {
    const { plans, clock, random, informers } = options;
    this.#clusterNetwork = new ClusterNetwork(options);
    const { services, endpointSlices, namespaces, pods, ingresses, ingressClasses, secrets, configMaps } = informers;
    const source = { services, endpointSlices, namespaces, pods };
    this.#system = {
      dns: {
        serve: (host, config) => serveDns(host, config, { source, clock, random }),
        onConfigChange: (listener) => configMaps.addHandler({ updated: listener }),
      },
      ingress: { ingresses, ingressClasses, services, endpointSlices, secrets },
    };
    for (const plan of plans) {
      const host = this.#clusterNetwork.nodes.get(plan.name);
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

  get network(): VirtualNetwork {
    return this.#clusterNetwork.network;
  }

  get outside(): OutsideView {
    return this.#clusterNetwork.outside;
  }

  get services(): ServiceAccess {
    return this.#clusterNetwork.services;
  }

  /** The way of a request as `answerTrace` tells it. */
  trace(url: URL, pods: Lister<Pod>): Promise<Response> {
    const { network, outsideHost, nodes } = this.#clusterNetwork;
    return answerTrace(url, { network, pods, outside: outsideHost, nodes });
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

  /** What is on all of them. */
  sandboxes(): SandboxOnNode[] {
    return this.#runtimes.flatMap((runtime) => runtime.sandboxes());
  }

  stop(): void {
    for (const kubelet of this.#kubelets.values()) kubelet.stop();
    this.#clusterNetwork.stop();
  }

  #makeKubelet(
    { clock, random, informers, clientFor, images, latency, heartbeats, core, onError }: ClusterNodesOptions,
    plan: NodePlan,
    nodeHost: NetworkHost,
  ): Kubelet {
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
      system: this.#system,
      core,
    });
    this.#runtimes.push(runtime);
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
