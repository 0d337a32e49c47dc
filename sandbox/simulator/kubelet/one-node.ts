import type { Event, Pod, PodSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
// eslint-disable-next-line import/no-restricted-paths -- tests run against the real API server
import { createApiServer } from "../apiserver/api-server";
import { InProcessClient } from "../client/in-process-client";
import { CONFIG_MAPS, EVENTS, NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS } from "../client/resources";
import { SharedInformers } from "../client/shared-informers";
import { FakeClock } from "../clock";
import { VirtualNetwork } from "../network/virtual-network";
import { SeededRandom } from "../random";
import { Kubelet } from "./kubelet";
import { ScriptedRuntime } from "./scripted-runtime";

export const NODE = "kind-worker";
const USER = { username: "system:admin", groups: ["system:masters"] };

/** For tests: a kubelet on a real API server and network, with scripted containers and a clock that stands still. */
export class OneNode {
  readonly clock = new FakeClock();
  readonly random = new SeededRandom(5);
  readonly client: InProcessClient;
  readonly network: VirtualNetwork;
  readonly runtime: ScriptedRuntime;
  readonly informers: SharedInformers;
  kubelet: Kubelet;

  static async start(): Promise<OneNode> {
    const node = new OneNode();
    await node.client.create(NAMESPACES, { metadata: { name: "default" } });
    await node.client.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace: "default" } });
    const authority = { metadata: { name: "kube-root-ca.crt", namespace: "default" }, data: { "ca.crt": "CA" } };
    await node.client.create(CONFIG_MAPS, authority);
    await node.client.create(NODES, { metadata: { name: NODE } });
    await node.informers.start();
    await node.kubelet.start();
    return node;
  }

  private constructor() {
    const { clock, random } = this;
    this.client = new InProcessClient(createApiServer({ clock, random }).handler, USER, "kubelet");
    this.network = new VirtualNetwork({ clock, random });
    this.runtime = new ScriptedRuntime({ clock, network: this.network, podCIDR: "10.244.1.0/24" });
    this.informers = new SharedInformers(this.client, clock);
    this.network.attach("172.18.0.3", { kind: "node", name: NODE });
    this.kubelet = this.#makeKubelet(this.runtime);
  }

  /** The node goes down with all its containers and comes back. */
  async reboot(): Promise<void> {
    this.kubelet.stop();
    this.kubelet = this.#makeKubelet(
      new ScriptedRuntime({ clock: this.clock, network: this.network, podCIDR: "10.244.1.0/24" }),
    );
    await this.kubelet.start();
  }

  stop(): void {
    this.kubelet.stop();
    this.informers.stop();
  }

  /**
   * Creates a pod on the node; one nginx container unless the spec says otherwise. Without a token: signing one takes
   * real time, which the clock does not wait for.
   */
  async run(spec: Partial<PodSpec> = {}, name = "web"): Promise<void> {
    const containers = [{ name: "main", image: "nginx:1.27" }];
    await this.client.create(PODS, {
      metadata: { name, namespace: "default" },
      spec: { containers, nodeName: NODE, automountServiceAccountToken: false, ...spec },
    });
    await this.clock.advance(0);
  }

  get(name = "web"): Promise<Stored<Pod>> {
    return this.client.get(PODS, { namespace: "default", name });
  }

  /** Lets time pass until `isDone`, and real time with it. */
  async until(isDone: () => boolean | Promise<boolean>): Promise<void> {
    for (let step = 0; step < 200; step++) {
      if (await isDone()) return;
      await this.clock.advance(50);
    }
    throw new Error("it did not happen within 10 s");
  }

  /** All events as `Normal Started spec.containers{main}: Container started`. */
  async messages(): Promise<string[]> {
    const { items } = await this.client.list(EVENTS, "default");
    return items.map(
      ({ reason, message, involvedObject, type }: Event) =>
        `${type} ${reason} ${involvedObject.fieldPath ?? "-"}: ${message}`,
    );
  }

  #makeKubelet(runtime: ScriptedRuntime): Kubelet {
    const { client, clock, random, informers, network } = this;
    const nodeHost = network.hostAt("172.18.0.3");
    if (!nodeHost) throw new Error("the node has no host");
    const onError = (_component: string, pod: string, error: unknown): never => {
      throw new Error(`sync of ${pod} failed`, { cause: error });
    };
    return new Kubelet({ nodeName: NODE, nodeHost, client, runtime, clock, random, informers, onError });
  }
}

/** `Ready=False ContainersNotReady` for each condition. */
export function conditionsOf(pod: Pod): string[] {
  return (pod.status?.conditions ?? []).map(
    ({ type, status, reason }) => `${type}=${status}${reason ? ` ${reason}` : ""}`,
  );
}
