import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { Informer } from "../client/informer";
import type { ImageRegistry } from "../containers/images/registry";
import type { VirtualNetwork } from "../network/virtual-network";
import type { Random } from "../random";
import { FaultError, type Fault } from "./fault";
import { dnsDown, packetLoss } from "./network-faults";
import { podsNamed } from "./pod-name";

/** What of a node's kubelet and runtime a fault can touch. */
export interface FaultyNode {
  /** The kubelet falls silent until `resume`. */
  pause(): void;
  resume(): Promise<void>;
  killPod(podUid: string): void;
  /** The pod's containers hold so much memory; the function lets it go. */
  hogMemory(podUid: string, bytes: number): () => void;
}

export interface FaultsOptions {
  readonly nodes: ReadonlyMap<string, FaultyNode>;
  readonly network: VirtualNetwork;
  readonly registry: ImageRegistry;
  readonly pods: Pick<Informer<Pod>, "list" | "get" | "addHandler">;
  readonly random: Random;
}

/** Makes things go wrong. */
export class Faults {
  readonly #options: FaultsOptions;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /**
   * Returns what ends the fault; calling that twice is harmless. Several faults add up. Throws `FaultError` when it
   * names a node that is not there.
   */
  inject(fault: Fault): () => Promise<void> {
    const lift = this.#begin(fault);
    let lifted: Promise<void> | undefined;
    return () => (lifted ??= Promise.resolve(lift()));
  }

  #begin(fault: Fault): () => void | Promise<void> {
    const { network, registry, random } = this.#options;
    switch (fault.kind) {
      case "node-not-ready": {
        const node = this.#nodeNamed(fault.node);
        node.pause();
        return () => node.resume();
      }
      case "registry-down":
        return registry.goDown();
      case "slow-pull":
        return registry.slowDown(fault.seconds * 1000);
      case "packet-loss":
        return network.addFilter(packetLoss(fault, random));
      case "dns-down":
        return network.addFilter(dnsDown());
      case "pod-killed":
        return this.#oncePodRuns(fault.pod, (pod) => {
          this.#nodeOf(pod).killPod(pod.metadata.uid);
          return () => {};
        });
      case "memory-hog":
        return this.#oncePodRuns(fault.pod, (pod) => this.#nodeOf(pod).hogMemory(pod.metadata.uid, fault.bytes));
    }
  }

  /** Does it to all pods of the name as soon as one of them runs; a lesson's pods may still be starting. */
  #oncePodRuns(text: string, act: (pod: Stored<Pod>) => () => void): () => void {
    const { pods } = this.#options;
    let ends: (() => void)[] | undefined;
    const look = (): void => {
      if (ends) return;
      const running = podsNamed(text, pods).filter(({ status }) => status?.phase === "Running");
      if (running.length > 0) ends = running.map(act);
    };
    const unsubscribe = pods.addHandler({ added: look, updated: look });
    look();
    return () => {
      unsubscribe();
      for (const end of ends ?? []) end();
    };
  }

  #nodeOf({ spec }: Stored<Pod>): FaultyNode {
    return this.#nodeNamed(spec?.nodeName ?? "");
  }

  #nodeNamed(name: string): FaultyNode {
    const node = this.#options.nodes.get(name);
    if (!node) throw new FaultError(`there is no node ${name}`);
    return node;
  }
}
