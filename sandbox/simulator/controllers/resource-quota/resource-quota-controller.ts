import { addAmounts, maskAmounts, type Amounts } from "../../api/amounts";
import type { Pod, ResourceQuota } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type KubeObject, type Resource, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { Informer } from "../../client/informer";
import { RESOURCE_QUOTAS } from "../../client/resources";
import { evaluatorFor, measuredNames } from "../../quota/evaluator";
import type { ControllerContext, Runnable } from "../context";

/** Keeps `status.used` of quotas true. Collections are only watched while a quota in the cluster limits them. */
export class ResourceQuotaController implements Runnable {
  readonly #context: ControllerContext;
  readonly #countable: readonly Resource[];
  readonly #quotas: Informer<ResourceQuota>;
  readonly #controller: Controller;
  readonly #watched = new Map<string, Informer<KubeObject>>();

  /** `countable`: every namespaced collection that a quota may name. */
  constructor(context: ControllerContext, countable: readonly Resource[]) {
    this.#context = context;
    this.#countable = countable;
    const { client, clock, onError } = context;
    this.#quotas = new Informer(client, clock, RESOURCE_QUOTAS);
    this.#controller = new Controller({
      name: "resourcequota",
      clock,
      sync: (key) => this.#sync(key),
      informers: [this.#quotas],
      onError,
    });
    const enqueue = (quota: Stored<ResourceQuota>) => this.#controller.queue.add(keyOf(quota));
    this.#quotas.addHandler({
      added: enqueue,
      updated: (before, after) => {
        if (!equalJson(before.spec, after.spec)) enqueue(after);
      },
    });
  }

  start(): void {
    this.#quotas.start();
    this.#controller.start();
  }

  async stop(): Promise<void> {
    this.#quotas.stop();
    for (const informer of this.#watched.values()) informer.stop();
    await this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(key: string): Promise<void> {
    const { client } = this.#context;
    const { namespace, name } = splitKey(key);
    if (!this.#quotas.get(namespace, name)) return;
    try {
      // Read before counting: whatever is charged meanwhile makes the write below stale.
      const quota = await client.get(RESOURCE_QUOTAS, { namespace, name });
      const hard = quota.spec?.hard ?? {};
      const used = await this.#count(quota, hard);
      const status = { hard, used };
      if (!equalJson(status, quota.status)) await client.updateStatus(RESOURCE_QUOTAS, { ...quota, status });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  async #count(quota: Stored<ResourceQuota>, hard: Amounts): Promise<Amounts> {
    const now = this.#context.clock.now();
    let used: Amounts = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
    for (const resource of this.#countable) {
      const evaluator = evaluatorFor(resource);
      if (!Object.keys(hard).some((name) => evaluator.measures(name))) continue;
      await this.#watch(resource);
      const { items } = await this.#context.client.list(resource, quota.metadata.namespace ?? "");
      for (const object of items) {
        const names = measuredNames(quota, evaluator, resource, object, hard);
        used = addAmounts(used, maskAmounts(evaluator.usage(object, now), names));
      }
    }
    return used;
  }

  async #watch(resource: Resource): Promise<void> {
    const id = `${resource.group}/${resource.name}`;
    let informer = this.#watched.get(id);
    if (!informer) {
      const { client, clock } = this.#context;
      informer = new Informer(client, clock, resource);
      this.#watched.set(id, informer);
      const changed = (object: Stored) => this.#recount(object.metadata.namespace ?? "");
      informer.addHandler({
        added: changed,
        updated: (before, after) => {
          if (mayUseLess(resource, before, after)) changed(after);
        },
        deleted: changed,
      });
      informer.start();
    }
    await informer.synced();
  }

  #recount(namespace: string): void {
    for (const quota of this.#quotas.list(namespace)) this.#controller.queue.add(keyOf(quota));
  }
}

/** A pod when it ends; anything else when its spec changes. */
function mayUseLess({ group, name }: Resource, before: KubeObject, after: KubeObject): boolean {
  if (group !== "" || name !== "pods") return evaluatorFor({ group, name }).countsUpdates && !equalJson(before, after);
  const hasEnded = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";
  return hasEnded(before) !== hasEnded(after);
}
