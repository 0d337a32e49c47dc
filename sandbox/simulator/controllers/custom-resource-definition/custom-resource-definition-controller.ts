import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { CUSTOM_RESOURCE_DEFINITIONS } from "../../client/resources";
import { toTime } from "../../clock";
import { isEstablished } from "../../custom/custom-resource";
import { CLEANUP_FINALIZER, withCondition } from "../../custom/definition";
import type { ControllerContext, Runnable } from "../context";
import { collectionOf } from "./collections";
import { nameDefinition } from "./naming";

/**
 * Gives definitions their names, lets their resources be served, and empties them before they go: what the API server
 * does for them by controllers of its own.
 */
export class CustomResourceDefinitionController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const { customResourceDefinitions: definitions } = informers;
    this.#controller = new Controller({
      name: "customresourcedefinition",
      clock,
      sync: (name) => this.#sync(name),
      informers: [definitions],
      onError,
    });
    const { queue } = this.#controller;
    definitions.addHandler({
      added: (definition) => queue.add(keyOf(definition)),
      updated: (_, definition) => queue.add(keyOf(definition)),
      // Its names are free again.
      deleted: ({ spec }) => {
        for (const other of definitions.list()) if (other.spec.group === spec.group) queue.add(keyOf(other));
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
    const definition = this.#context.informers.customResourceDefinitions.get("", name);
    if (!definition) return;
    try {
      if (definition.metadata.deletionTimestamp) await this.#finish(definition);
      else await this.#establish(definition);
    } catch (error) {
      // Changed or gone meanwhile: its next event brings it back.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  /** Names first; once all are accepted the resource is served, and stays so. */
  async #establish(definition: Stored<CustomResourceDefinition>): Promise<void> {
    const { informers, client, clock } = this.#context;
    const others = informers.customResourceDefinitions
      .list()
      .filter((each) => each.spec.group === definition.spec.group && keyOf(each) !== keyOf(definition));
    const { acceptedNames, condition } = nameDefinition(definition, others);
    const now = toTime(clock.now());
    const named = { ...definition, status: { ...withCondition(definition, condition, now), acceptedNames } };
    const established = condition.status === "True" || isEstablished(definition) ? ESTABLISHED : NOT_ACCEPTED;
    const next = { ...named, status: withCondition(named, established, now) };
    if (equalJson(next.status, definition.status)) return;
    await client.updateStatus(CUSTOM_RESOURCE_DEFINITIONS, next);
  }

  /** Deletes the objects, then the definition may go. */
  async #finish(definition: Stored<CustomResourceDefinition>): Promise<void> {
    const { client, clock } = this.#context;
    const finalizers = definition.metadata.finalizers ?? [];
    if (!finalizers.includes(CLEANUP_FINALIZER)) return;
    const resource = collectionOf(definition);
    if (resource) {
      const { items } = await client.list(resource, "");
      for (const { metadata } of items) {
        if (metadata.deletionTimestamp) continue;
        await client
          .delete(resource, { namespace: metadata.namespace ?? "", name: metadata.name })
          .catch(ignoreNotFound);
      }
      if ((await client.list(resource, "")).items.length > 0) {
        this.#controller.queue.addAfter(keyOf(definition), RETRY_MS);
        return;
      }
    }
    const status = withCondition(definition, TERMINATED, toTime(clock.now()));
    const stored = await client.updateStatus(CUSTOM_RESOURCE_DEFINITIONS, { ...definition, status });
    const rest = finalizers.filter((each) => each !== CLEANUP_FINALIZER);
    await client.update(CUSTOM_RESOURCE_DEFINITIONS, {
      ...stored,
      metadata: { ...stored.metadata, finalizers: rest },
    });
  }
}

const RETRY_MS = 1000;

const ESTABLISHED: CustomResourceDefinitionCondition = {
  type: "Established",
  status: "True",
  reason: "InitialNamesAccepted",
  message: "the initial names have been accepted",
};
const NOT_ACCEPTED: CustomResourceDefinitionCondition = {
  type: "Established",
  status: "False",
  reason: "NotAccepted",
  message: "not all names are accepted",
};
const TERMINATED: CustomResourceDefinitionCondition = {
  type: "Terminating",
  status: "False",
  reason: "InstanceDeletionCompleted",
  message: "removed all instances",
};

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
