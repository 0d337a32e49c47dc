import type { ClusterRole, PolicyRule } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { matchesLabels, selectorFrom, type Selector } from "../../api/labels";
import type { Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { CLUSTER_ROLES } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";

/**
 * Fills the rules of ClusterRoles that gather those of others by label.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export class ClusterRoleAggregationController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "clusterrole-aggregation",
      clock,
      sync: (name) => this.#sync(name),
      informers: [informers.clusterRoles],
      onError,
    });
    const enqueueAll = () => this.#enqueueAll();
    informers.clusterRoles.addHandler({ added: enqueueAll, updated: enqueueAll, deleted: enqueueAll });
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

  #enqueueAll(): void {
    for (const { metadata, aggregationRule } of this.#context.informers.clusterRoles.list()) {
      if (aggregationRule) this.#controller.queue.add(metadata.name);
    }
  }

  async #sync(name: string): Promise<void> {
    const { informers, client } = this.#context;
    const role = informers.clusterRoles.get("", name);
    if (!role?.aggregationRule) return;
    const rules = gatheredRules(role, informers.clusterRoles.list());
    if (equalJson(role.rules ?? [], rules)) return;
    try {
      await client.update(CLUSTER_ROLES, { ...role, rules });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(name);
    }
  }
}

/** The rules of all other roles that a selector matches, each rule once: by selector, then by name. */
function gatheredRules(role: Stored<ClusterRole>, all: readonly Stored<ClusterRole>[]): PolicyRule[] {
  const ordered = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(selectorFrom);
  const rules: PolicyRule[] = [];
  for (const selector of selectors.filter((each): each is Selector => each !== undefined)) {
    for (const other of ordered) {
      if (other.metadata.name === role.metadata.name || !matchesLabels(selector, other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
