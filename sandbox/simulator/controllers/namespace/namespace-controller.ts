import type { Namespace } from "../../api/generated/kubernetes";
import { keyOf, type Resource, type Stored } from "../../api/object";
import { hasReason, isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { NAMESPACES, PODS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { collectionsOf } from "../custom-resource-definition/collections";

/** Empties namespaces that are being deleted, then lets them go. */
export class NamespaceController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #contents: readonly Resource[];

  /** `contents`: every built-in namespaced collection that can be listed and deleted. */
  constructor(context: ControllerContext, contents: readonly Resource[]) {
    this.#context = context;
    this.#contents = contents;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "namespace",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.namespaces, informers.pods, informers.customResourceDefinitions],
      onError,
    });
    const enqueue = (namespace: Stored<Namespace>) => {
      if (namespace.metadata.deletionTimestamp) this.#controller.queue.add(keyOf(namespace));
    };
    informers.namespaces.addHandler({ added: enqueue, updated: (_, namespace) => enqueue(namespace) });
    // Pods take their grace period: the last of them to go opens the way.
    informers.pods.addHandler({
      deleted: (pod) => {
        const namespace = informers.namespaces.get("", pod.metadata.namespace ?? "");
        if (!namespace?.metadata.deletionTimestamp) return;
        if (informers.pods.list(namespace.metadata.name).length === 0) enqueue(namespace);
      },
    });
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

  async #sync(name: string): Promise<void> {
    const namespace = this.#context.informers.namespaces.get("", name);
    if (!namespace?.metadata.deletionTimestamp || (namespace.spec?.finalizers ?? []).length === 0) return;
    const remaining = await this.#empty(name);
    if (remaining.length === 0) return this.#finalize(namespace);
    // Pods say when they are gone; other finalizers are looked at again after a while.
    if (remaining.some((resource) => resource !== PODS.name)) this.#controller.queue.addAfter(name, RETRY_MS);
  }

  /** Deletes everything in the namespace; returns the collections that are not empty yet. */
  async #empty(namespace: string): Promise<string[]> {
    const { client } = this.#context;
    const remaining: string[] = [];
    const custom = collectionsOf(this.#context.informers.customResourceDefinitions.list());
    for (const resource of [...this.#contents, ...custom.filter(({ namespaced }) => namespaced)]) {
      const before = await client.list(resource, namespace);
      if (before.items.length === 0) continue;
      await this.#deleteAll(resource, namespace);
      const after = await client.list(resource, namespace);
      if (after.items.length > 0) remaining.push(resource.name);
    }
    return remaining;
  }

  async #deleteAll(resource: Resource, namespace: string): Promise<void> {
    try {
      await this.#context.client.deleteCollection(resource, namespace, { propagationPolicy: "Background" });
    } catch (error) {
      // Kinds without deletecollection (Services, before 1.23) and objects that went meanwhile are met next time.
      if (!isNotFound(error) && !hasReason(error, "MethodNotAllowed")) throw error;
    }
  }

  async #finalize(namespace: Stored<Namespace>): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== "kubernetes");
    try {
      await this.#context.client.updateSubresource(
        NAMESPACES,
        { ...namespace, spec: { ...namespace.spec, finalizers } },
        "finalize",
      );
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(namespace.metadata.name);
    }
  }
}

const RETRY_MS = 1000;
