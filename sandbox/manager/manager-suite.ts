import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { sandboxListSchema } from "../protocol/manager-api";
import type { SandboxView } from "../protocol/sandbox-view";
import { ManagerBed } from "./manager-bed";
import { startTestDatabase, type TestDatabase } from "./test-database";

/** Of a shell on the host; `#` where the tests run as root. */
export const PROMPT = /host.*[$#]/;
export const PATIENCE = { timeout: 15_000, interval: 20 };

/** What a file of tests shares: one database and one installation; each test has a user of its own. */
export interface ManagerSuite {
  readonly database: TestDatabase;
  readonly bed: ManagerBed;
  readonly userId: string;
  /** Another installation, or another place of the same, ended after the test whatever comes of it. */
  another(name: string, environment?: Readonly<Record<string, string>>): ManagerBed;
  elsewhere(): ManagerBed;
  /** Waits until it is. */
  ready(view: SandboxView): Promise<SandboxView>;
}

/** To be called at the top of a file of tests. `name` tells its processes from those of other files. */
export function openManager(name: string, environment: Readonly<Record<string, string>> = {}): ManagerSuite {
  // Processes of several kinds come and go in each test.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });
  const others: ManagerBed[] = [];
  let database: TestDatabase | undefined;
  let bed: ManagerBed | undefined;
  let userId = "";
  const get = <T>(what: T | undefined): T => {
    if (what === undefined) throw new Error("only while a test runs");
    return what;
  };
  const suite: ManagerSuite = {
    get database() {
      return get(database);
    },
    get bed() {
      return get(bed);
    },
    get userId() {
      return userId;
    },
    another(kind, settings = {}) {
      const other = new ManagerBed(suite.database, `${suite.bed.instance}-${kind}`, settings);
      others.push(other);
      return other;
    },
    elsewhere() {
      const other = new ManagerBed(suite.database, suite.bed.instance, environment);
      others.push(other);
      return other;
    },
    async ready(view) {
      await expect.poll(() => suite.bed.phase(view.id), PATIENCE).toBe("ready");
      return suite.bed.get(view.id);
    },
  };

  beforeAll(async () => {
    database = await startTestDatabase();
    bed = new ManagerBed(database, `${name}${process.pid}`, environment);
    await bed.start();
  });
  afterAll(async () => {
    await bed?.clean();
    await database?.stop();
  });
  beforeEach(async () => {
    userId = await suite.database.addUser();
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.clean();
    const active = await suite.bed.client.call("GET", "/v1/sandboxes?active=1", { schema: sandboxListSchema });
    const body = { reason: "admin-other", actorId: userId };
    for (const { id } of active.sandboxes) await suite.bed.client.call("POST", `/v1/sandboxes/${id}/stop`, { body });
  });
  return suite;
}

/** Processes with this in their environment. */
export function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && environmentOf(pid).includes(text));
}

export function environmentOf(pid: number): string {
  const file = `/proc/${pid}/environ`;
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  } catch {
    return ""; // it has ended, or is not ours to read
  }
}
