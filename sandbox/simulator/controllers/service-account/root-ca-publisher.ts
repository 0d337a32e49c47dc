import type { ConfigMap } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { isAlreadyExists, isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { CONFIG_MAPS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";

const NAME = "kube-root-ca.crt";
const DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/** Keeps the cluster's certificate authority in a ConfigMap of every namespace, where pods mount it from. */
export class RootCaPublisher implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #certificate: string;

  /** `certificate`: the authority in PEM. */
  constructor(context: ControllerContext, certificate: string) {
    this.#context = context;
    this.#certificate = certificate;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "root-ca-certificate-publisher",
      clock,
      sync: (namespace) => this.#sync(namespace),
      informers: [informers.namespaces, informers.configMaps],
      onError,
    });
    const { queue } = this.#controller;
    informers.namespaces.addHandler({
      added: (namespace) => queue.add(namespace.metadata.name),
      updated: (_, namespace) => queue.add(namespace.metadata.name),
    });
    const changed = (configMap: ConfigMap) => {
      if (configMap.metadata?.name === NAME) queue.add(configMap.metadata.namespace ?? "");
    };
    informers.configMaps.addHandler({ updated: (_, configMap) => changed(configMap), deleted: changed });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(namespace: string): Promise<void> {
    const { informers, client } = this.#context;
    const found = informers.namespaces.get("", namespace);
    if (!found || found.status?.phase === "Terminating" || found.metadata.deletionTimestamp) return;
    const before = informers.configMaps.get(namespace, NAME);
    const data = { "ca.crt": this.#certificate };
    const annotations = { ...before?.metadata.annotations, "kubernetes.io/description": DESCRIPTION };
    if (before && equalJson(before.data, data) && equalJson(before.metadata.annotations, annotations)) return;
    try {
      if (before) await client.update(CONFIG_MAPS, { ...before, data, metadata: { ...before.metadata, annotations } });
      else await client.create(CONFIG_MAPS, { metadata: { name: NAME, namespace, annotations }, data });
    } catch (error) {
      if (isAlreadyExists(error) || isNotFound(error) || isNamespaceTerminating(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(namespace);
    }
  }
}
