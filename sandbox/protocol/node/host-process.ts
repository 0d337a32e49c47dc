import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../codes";
import { SPOKEN, type Greeting, type ProtocolRange } from "../version";
import { JsonClient } from "./json-client";

export interface HostProcessSpec {
  readonly instance: string;
  readonly process: Greeting["process"];
  readonly socketPath: string;
  /** Without it what this release speaks. */
  readonly speaks?: ProtocolRange;
  /** Whether one that runs holds nothing: then it need not stay what an older release started. */
  readonly isIdle: (client: JsonClient) => Promise<boolean>;
  /** The bundle to run, with Node. */
  readonly script: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly readyWithinMs: number;
}

/** A process that outlives the one that started it. */
export interface HostProcess {
  readonly client: JsonClient;
  readonly pid: number;
  /** The version it is spoken to in. */
  readonly protocol: number;
  readonly found: "running" | "started";
}

/**
 * The process that already serves the socket, or a new one: also in place of one of an older release that holds nothing.
 * @throws SandboxError `instance-mismatch`, `protocol-mismatch` when another serves it; `peer-unreachable` when the new one does not get ready
 */
export async function adoptOrSpawn(spec: HostProcessSpec): Promise<HostProcess> {
  const { speaks = SPOKEN } = spec;
  const client = new JsonClient({ socketPath: spec.socketPath }, speaks);
  try {
    const { pid, protocol } = await greetPatiently(client, spec);
    if (protocol === speaks.newest || !(await spec.isIdle(client))) return { client, pid, protocol, found: "running" };
    await endProcess(pid, IDLE_STOP_MS);
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== "peer-unreachable") throw error;
  }
  for (let kills = 0; ; kills++) {
    const greeting = await start(client, spec);
    if (greeting) return { client, pid: greeting.pid, protocol: greeting.protocol, found: "started" };
    if (kills === MOST_KILLS)
      throw new SandboxError("peer-unreachable", `${spec.process} is killed whenever it starts`);
  }
}

/** One that is there but too busy to answer at once is not to be started a second time. */
async function greetPatiently(client: JsonClient, spec: HostProcessSpec): Promise<Greeting> {
  const deadline = Date.now() + spec.readyWithinMs;
  for (;;) {
    try {
      return await client.greet(spec.instance, spec.process);
    } catch (error) {
      if (!(error instanceof SandboxError) || error.code !== "peer-unreachable") throw error;
      if (!isBusy(error.cause) || Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** No answer in time, or too many who wait for one. */
function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ABORT_ERR" || cause.code === "EAGAIN");
}

/** Undefined when somebody killed it before it was ready: no reason to give up. */
async function start(client: JsonClient, spec: HostProcessSpec): Promise<Greeting | undefined> {
  mkdirSync(dirname(spec.logFile), { recursive: true, mode: 0o700 });
  const log = openSync(spec.logFile, "a", 0o600);
  const child = spawn(process.execPath, ["--enable-source-maps", spec.script], {
    env: { NODE_ENV: "production", ...spec.env },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  const ended = new Promise<undefined>((resolve, reject) => {
    child.once("error", (cause) => reject(new SandboxError("peer-unreachable", spec.process, { cause })));
    child.once("exit", (code) => {
      if (code === null) resolve(undefined);
      else
        reject(new SandboxError("peer-unreachable", `${spec.process} ended with ${code}; its log is ${spec.logFile}`));
    });
  });
  ended.catch(() => {}); // it may well end later, when nobody waits any more
  return Promise.race([waitForGreeting(client, spec), ended]).catch((error: unknown) => {
    child.kill("SIGKILL"); // or it would be in the way of the next one
    throw error;
  });
}

async function waitForGreeting(client: JsonClient, spec: HostProcessSpec): Promise<Greeting> {
  const deadline = Date.now() + spec.readyWithinMs;
  for (;;) {
    try {
      return await client.greet(spec.instance, spec.process);
    } catch (error) {
      const starting = error instanceof SandboxError && error.code === "peer-unreachable";
      if (!starting || Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

const MOST_KILLS = 5;
const IDLE_STOP_MS = 5_000;

/** Asks a process to end, then makes it. Resolves when it has gone. */
export async function endProcess(pid: number, patienceMs: number): Promise<void> {
  for (const [signal, patience] of [
    ["SIGTERM", patienceMs],
    ["SIGKILL", 2_000],
  ] as const) {
    if (!send(pid, signal)) return;
    for (let waited = 0; waited < patience; waited += 20) {
      await sleep(20);
      if (!send(pid, 0)) return;
    }
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // no such process
  }
}
