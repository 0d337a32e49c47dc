import type { APIService, CustomResourceDefinition } from "../../api/generated/kubernetes";
import type { Resource } from "../../api/object";
import { isAlreadyExists, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { toTime } from "../../clock";
import { isEstablished } from "../../custom/custom-resource";
import { localService } from "../../api/local-api-service";
import type { ControllerContext, Runnable } from "../context";

/** An APIService for each version that definitions serve, as long as one does. */
export class ApiServiceController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    const { customResourceDefinitions: definitions } = informers;
    this.#controller = new Controller({
      name: "api-service",
      clock,
      sync: (name) => this.#sync(name),
      informers: [definitions],
      onError,
    });
    const enqueue = (definition: CustomResourceDefinition): void => {
      for (const { name } of definition.spec.versions) this.#controller.queue.add(`${name}.${definition.spec.group}`);
    };
    definitions.addHandler({
      added: enqueue,
      updated: (old, definition) => {
        enqueue(old);
        enqueue(definition);
      },
      deleted: enqueue,
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
    const { informers, client, clock } = this.#context;
    const dot = name.indexOf(".");
    const [version, group] = [name.slice(0, dot), name.slice(dot + 1)];
    const isServed = informers.customResourceDefinitions
      .list()
      .some(
        (each) =>
          each.spec.group === group &&
          isEstablished(each) &&
          each.spec.versions.some((one) => one.name === version && one.served),
      );
    const key = { namespace: "", name };
    const present = await client.get(API_SERVICES, key).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      return undefined;
    });
    if (isServed && !present) {
      const service = localService(
        { group, version, groupPriority: 1000, versionPriority: 100, managed: "true" },
        toTime(clock.now()),
      );
      try {
        const created = await client.create(API_SERVICES, service);
        await client.updateStatus(API_SERVICES, { ...created, status: service.status });
      } catch (error) {
        if (!isAlreadyExists(error) && !isNotFound(error)) throw error;
      }
    } else if (!isServed && present?.metadata.labels?.["kube-aggregator.kubernetes.io/automanaged"] === "true") {
      await client.delete(API_SERVICES, key).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
}

const API_SERVICES: Resource<APIService> = {
  group: "apiregistration.k8s.io",
  version: "v1",
  name: "apiservices",
  kind: "APIService",
  namespaced: false,
};
