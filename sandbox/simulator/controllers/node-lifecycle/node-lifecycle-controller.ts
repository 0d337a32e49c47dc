import { equalJson } from "../../api/json";
import { keyOf } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { NODES } from "../../client/resources";
import { toTime } from "../../clock";
import type { ControllerContext, Runnable } from "../context";
import { taintsFor } from "./node-taints";

/** Turns what a node's spec and conditions say into the taints that keep pods away. */
export class NodeLifecycleController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "node-lifecycle",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.nodes],
      onError,
    });
    const { queue } = this.#controller;
    informers.nodes.addHandler({
      added: (node) => queue.add(keyOf(node)),
      updated: (_, node) => queue.add(keyOf(node)),
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
    const node = informers.nodes.get("", name);
    if (!node) return;
    const taints = taintsFor(node, toTime(clock.now()));
    if (equalJson(taints, node.spec?.taints ?? [])) return;
    try {
      const spec = { ...node.spec, taints: taints.length > 0 ? taints : undefined };
      await client.update(NODES, { ...node, spec });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
      this.#controller.queue.addRateLimited(name);
    }
  }
}
