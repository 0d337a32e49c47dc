import { splitKey } from "../../api/object";
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { SERVICE_ACCOUNTS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";

/** Gives every namespace the ServiceAccount `default`, and another when that is deleted. */
export class ServiceAccountController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "serviceaccount",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.namespaces, informers.serviceAccounts],
      onError,
    });
    const { queue } = this.#controller;
    informers.namespaces.addHandler({
      added: (namespace) => queue.add(namespace.metadata.name),
      updated: (_, namespace) => queue.add(namespace.metadata.name),
    });
    informers.serviceAccounts.addHandler({ deleted: (account) => queue.add(account.metadata.namespace ?? "") });
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

  async #sync(key: string): Promise<void> {
    const { informers, client } = this.#context;
    const { name: namespace } = splitKey(key);
    const found = informers.namespaces.get("", namespace);
    if (!found || found.status?.phase === "Terminating" || found.metadata.deletionTimestamp) return;
    if (informers.serviceAccounts.get(namespace, "default")) return;
    try {
      await client.create(SERVICE_ACCOUNTS, { metadata: { name: "default", namespace } });
    } catch (error) {
      if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceTerminating(error)) throw error;
    }
  }
}
