import { connect, type Socket } from "node:net";
import { SandboxError } from "../protocol/codes";
import type { JsonClient } from "../protocol/node/json-client";
import { adoptOrSpawn, endProcess, type HostProcess } from "../protocol/node/host-process";
import {
  terminalListSchema,
  terminalOutputSchema,
  terminalViewSchema,
  type TerminalCreateBody,
  type TerminalOutput,
  type TerminalView,
} from "../protocol/terminal-host-api";
import type { ProtocolRange } from "../protocol/version";

export interface TerminalHostOptions {
  readonly instance: string;
  readonly stateDir: string;
  /** Without it what this release speaks. */
  readonly speaks?: ProtocolRange;
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
}

const READY_WITHIN_MS = 15_000;
const STOP_WITHIN_MS = 10_000;

/** The manager's end of the terminal-host process. */
export class TerminalHost {
  readonly #options: TerminalHostOptions;
  readonly #socketPath: string;
  #process: Promise<HostProcess> | undefined;

  constructor(options: TerminalHostOptions) {
    this.#options = options;
    this.#socketPath = `${options.stateDir}/terminal-host.sock`;
  }

  async start(): Promise<HostProcess> {
    return this.#running();
  }

  async list(): Promise<TerminalView[]> {
    return this.#ask(({ client }) => terminalsOf(client));
  }

  /** Makes the terminal unless one with its id runs; one whose shell has ended is made anew. */
  async ensure(terminal: TerminalCreateBody): Promise<void> {
    await this.#ask(async ({ client }) => {
      const path = `/v1/terminals/${terminal.id}`;
      const found = await unless("terminal-not-found", client.call("GET", path, { schema: terminalViewSchema }));
      if (found?.state.phase === "running") return;
      if (found) await client.call("DELETE", path);
      // Two viewers may come at once: whoever is second finds it made.
      await unless(
        "already-exists",
        client.call("POST", "/v1/terminals", { body: terminal, schema: terminalViewSchema }),
      );
    });
  }

  /** What is still there of its output from that offset on; undefined when there is no such terminal. */
  async output(id: string, from: number): Promise<TerminalOutput | undefined> {
    const path = `/v1/terminals/${id}/output?from=${from}`;
    const answer = this.#ask(({ client }) => client.call("GET", path, { schema: terminalOutputSchema }));
    return unless("terminal-not-found", answer);
  }

  async remove(id: string): Promise<void> {
    const host = await this.#running();
    // Terminals die with their host.
    await unless("peer-unreachable", host.client.call("DELETE", `/v1/terminals/${id}`));
  }

  /** A connection to the process, to splice an upgrade into. */
  connect(): Socket {
    return connect(this.#socketPath);
  }

  /** `abandon` ends it only when it was started here. */
  async stop(terminals: "keep" | "end" | "abandon"): Promise<void> {
    if (terminals === "keep" || !this.#process) return;
    const { pid, found } = await this.#process;
    if (terminals === "end" || found === "started") await endProcess(pid, STOP_WITHIN_MS);
  }

  /** A host that has died is replaced once, then asked again. */
  async #ask<T>(question: (host: HostProcess) => Promise<T>): Promise<T> {
    try {
      return await question(await this.#running());
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      this.#process = undefined;
      return question(await this.#running());
    }
  }

  #running(): Promise<HostProcess> {
    const { instance, stateDir, script, env, speaks } = this.#options;
    this.#process ??= adoptOrSpawn({
      instance,
      process: "terminal-host",
      socketPath: this.#socketPath,
      speaks,
      isIdle: async (client) => (await terminalsOf(client)).length === 0,
      script,
      env: { ...env, SLIPWAY_INSTANCE: instance, SLIPWAY_STATE_DIR: stateDir },
      logFile: `${stateDir}/logs/terminal-host.log`,
      readyWithinMs: READY_WITHIN_MS,
    }).catch((error: unknown) => {
      this.#process = undefined;
      throw error;
    });
    return this.#process;
  }
}

async function terminalsOf(client: JsonClient): Promise<TerminalView[]> {
  return (await client.call("GET", "/v1/terminals", { schema: terminalListSchema })).terminals;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SandboxError && error.code === "peer-unreachable";
}

async function unless<T>(code: SandboxError["code"], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof SandboxError && error.code === code) return undefined;
    throw error;
  }
}
