import { setTimeout as sleep } from "node:timers/promises";
import { sandboxViewSchema, type SandboxView } from "@/sandbox/protocol/sandbox-view";
import { JsonClient } from "@/sandbox/protocol/node/json-client";

const LOOK_EVERY_MS = 100;

/** Stops sandboxes as their learners do. */
export class Stopping {
  readonly #manager: JsonClient;

  constructor(stateDir: string) {
    this.#manager = new JsonClient({ socketPath: `${stateDir}/manager.sock` });
  }

  /** Resolves when the manager has taken note of it. */
  async ask(sandboxId: string): Promise<void> {
    const { userId } = await this.#view(sandboxId);
    const body = { reason: "learner", actorId: userId };
    await this.#manager.call("POST", `/v1/sandboxes/${sandboxId}/stop`, { body });
  }

  async untilStopped(sandboxId: string, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const { state } = await this.#view(sandboxId);
      if (state.phase === "stopped") return;
      if (performance.now() > deadline) throw new Error(`${sandboxId} is ${state.phase} after ${withinMs} ms`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  #view(sandboxId: string): Promise<SandboxView> {
    return this.#manager.call("GET", `/v1/sandboxes/${sandboxId}`, { schema: sandboxViewSchema });
  }
}
