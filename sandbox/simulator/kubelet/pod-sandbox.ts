import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { KubeletContext } from "./kubelet-context";
import type { PodSandboxStatus } from "./container-runtime";
import { podResolvConf } from "./resolv-conf";

const MAX_HOSTNAME = 63;

/** A pod's place on its node: one network namespace at a time, and what is left of it afterwards. */
export class PodSandbox {
  readonly #context: KubeletContext;
  #current: PodSandboxStatus | undefined;
  #lastId: string | undefined;
  #lastIP: string | undefined;
  #attempts = 0;

  constructor(context: KubeletContext, lastIP: string | undefined) {
    this.#context = context;
    this.#lastIP = lastIP;
  }

  get current(): PodSandboxStatus | undefined {
    return this.#current;
  }

  /** Its runtime id, also after it was stopped. */
  get id(): string | undefined {
    return this.#lastId;
  }

  /** The address the pod had last. */
  get lastIP(): string | undefined {
    return this.#lastIP;
  }

  /** Makes it unless it is there or, after the time that takes, no longer wanted. */
  async ensure(pod: Stored<Pod>, isWanted: () => boolean): Promise<void> {
    if (this.#current) return;
    const { runtime, pace, random, latency, dns } = this.#context;
    await pace.work(latency.sandboxMs * (0.9 + 0.2 * random.next()));
    if (!isWanted()) return;
    const { metadata, spec } = pod;
    const address = this.#attempts === 0 ? this.#lastIP : undefined;
    this.#current = await runtime.runPodSandbox({
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      uid: metadata.uid,
      attempt: this.#attempts++,
      hostname: (spec?.hostname ?? metadata.name).slice(0, MAX_HOSTNAME).replace(/[-.]+$/, ""),
      hostNetwork: spec?.hostNetwork ?? false,
      labels: metadata.labels ?? {},
      annotations: metadata.annotations ?? {},
      resolvConf: podResolvConf(pod, dns),
      hostAliases: (spec?.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: hostnames ?? [] })),
      ...(address && { address }),
    });
    this.#lastId = this.#current.id;
    this.#lastIP = this.#current.ip;
  }

  /** Gives the address back; containers and logs stay until `remove`. */
  async stop(): Promise<void> {
    if (this.#current) await this.#context.runtime.stopPodSandbox(this.#current.id);
    this.#current = undefined;
  }

  async remove(): Promise<void> {
    if (this.#lastId !== undefined) await this.#context.runtime.removePodSandbox(this.#lastId);
  }
}
