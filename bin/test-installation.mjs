// An installation of its own for tests and measurements: own instance, state folder and port; gone afterwards.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startInstallation } from "./installation.mjs";
import { freePort } from "./ports.mjs";
import { isRoot } from "./state.mjs";
import { adminLink } from "./commands/admin.mjs";

/**
 * Runs `work` against a fresh installation and removes it afterwards.
 * @template T
 * @param {(installation: { url: string, adminLink: string, instance: string, stateDir: string, databaseUrl: string, pids: () => Record<string, number> }) => Promise<T>} work
 * @param {{ before?: (dir: string) => void, after?: (dir: string) => void, settings?: Record<string, string> }} [options] what is done to the state folder before anything runs, and when nothing runs any more; and variables of its environment
 * @returns {Promise<T>}
 */
export async function withTestInstallation(work, { before: make, after: unmake, settings } = {}) {
  const instance = `t${randomBytes(3).toString("hex")}`;
  const dir = isRoot ? `/var/lib/slipway/${instance}` : mkdtempSync(join(tmpdir(), "sw-"));
  const before = { instance: process.env.SLIPWAY_INSTANCE, dir: process.env.SLIPWAY_STATE_DIR };
  // All tests come from one address; the limits per address have tests of their own.
  const limits = { SLIPWAY_SANDBOXES_PER_ADDRESS: "1000", SLIPWAY_GUESTS_PER_HOUR: "100000" };
  Object.assign(process.env, { ...limits, ...settings, SLIPWAY_INSTANCE: instance, SLIPWAY_STATE_DIR: dir });
  try {
    mkdirSync(dir, { recursive: true });
    make?.(dir);
    const installation = await startInstallation({ port: await freePort() });
    try {
      const link = await adminLink(installation.databaseUrl, installation.url);
      return await work({ ...installation, instance, adminLink: link });
    } finally {
      await installation.stop();
    }
  } finally {
    restore("SLIPWAY_INSTANCE", before.instance);
    restore("SLIPWAY_STATE_DIR", before.dir);
    unmake?.(dir);
    rmSync(dir, { recursive: true, force: true });
  }
}

function restore(name, value) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
