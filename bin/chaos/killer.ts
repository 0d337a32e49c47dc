import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { pick } from "./random";
import type { Moment } from "./timeline";
import { tracesOf } from "./traces";

export interface Victims {
  readonly instance: string;
  readonly stateDir: string;
  /** Cuts the connection of one of the learners. False when none is connected. */
  readonly cutSocket: () => boolean;
  readonly random: () => number;
  readonly progress: (what: string) => void;
}

type Kind = "web" | "manager" | "terminal-host" | "cluster-host" | "workstation" | "postgres" | "socket";

const CHEAP: readonly (readonly [number, Kind])[] = [
  [50, "workstation"],
  [50, "socket"],
];
const PROCESSES: readonly (readonly [number, Kind])[] = [
  [26, "terminal-host"],
  [26, "cluster-host"],
  [22, "manager"],
  [16, "web"],
  [10, "postgres"],
];
/** Learners get something done in between: what was never acknowledged cannot be lost. */
const BETWEEN_PROCESSES_MS = 3_000;

const DISK_FULL_FOR_MS = 3_000;

/** Kills, cuts and fills, in an order that a seed determines. */
export class Killer {
  readonly kills: Partial<Record<Kind | "disk", number>> = {};
  readonly moments: Moment[] = [];
  readonly #victims: Victims;
  #processAt = 0;

  constructor(victims: Victims) {
    this.#victims = victims;
  }

  get count(): number {
    return Object.values(this.kills).reduce((sum, count) => sum + count, 0);
  }

  /**
   * About `perSecond` kills each second; `diskFulls` times in between the disk is full for a while. Where there is often
   * nothing to kill, on a busy machine, it goes on for up to twice as long until there were `atLeast`.
   */
  async run(minutes: number, perSecond: number, diskFulls: number, atLeast: number): Promise<void> {
    const began = performance.now();
    const total = minutes * 60_000;
    const fillAt = Array.from({ length: diskFulls }, (_, index) => (total * (index + 1)) / (diskFulls + 1));
    for (let next = 0; next < total || (next < 2 * total && this.count < atLeast); next += 1_000 / perSecond) {
      await sleep(Math.max(0, began + next - performance.now()));
      const due = fillAt[0];
      if (due !== undefined && due <= next) {
        fillAt.shift();
        await this.#fillDisk();
      }
      this.#killOne();
    }
  }

  #killOne(): void {
    const { random } = this.#victims;
    const isProcess = performance.now() - this.#processAt > BETWEEN_PROCESSES_MS;
    if (isProcess) this.#processAt = performance.now();
    // When there is none of a kind just now another one is hit.
    for (let tries = 0; tries < 5; tries++) {
      const kind = pick(random, isProcess ? PROCESSES : CHEAP);
      if (!this.#kill(kind)) continue;
      this.#count(kind);
      return;
    }
  }

  #kill(kind: Kind): boolean {
    const { instance, stateDir, random, cutSocket } = this.#victims;
    if (kind === "socket") return cutSocket();
    const pids = kind === "postgres" ? postmaster(stateDir) : (tracesOf(instance, stateDir).processes[kind] ?? []);
    const pid = pids[Math.floor(random() * pids.length)];
    if (pid === undefined) return false;
    try {
      return process.kill(pid, "SIGKILL");
    } catch {
      return false; // it has just ended
    }
  }

  async #fillDisk(): Promise<void> {
    const { stateDir, progress } = this.#victims;
    progress("the disk is full");
    const ballast = `${stateDir}/ballast`;
    for (let size = 64 * 1024 * 1024; size >= 4096; size /= 2) appendWhileItFits(ballast, size);
    this.#count("disk");
    await sleep(DISK_FULL_FOR_MS);
    rmSync(ballast, { force: true });
    this.moments.push({ at: Date.now(), what: "the disk has room again" });
  }

  #count(kind: Kind | "disk"): void {
    this.kills[kind] = (this.kills[kind] ?? 0) + 1;
    this.moments.push({ at: Date.now(), what: `killed: ${kind}` });
  }
}

function appendWhileItFits(file: string, size: number): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
  } catch {
    // full, for pieces of this size
  }
}

function postmaster(stateDir: string): number[] {
  const file = `${stateDir}/postgres/postmaster.pid`;
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
  return pid > 0 ? [pid] : [];
}
