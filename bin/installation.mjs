// One running installation: Postgres, manager and web (the manager starts terminal-host and cluster-hosts itself).
// `npm start`, the end-to-end tests and the benchmarks all run the product through this.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { answers } from "./answers.mjs";
import { buildSite, bundle, bundleAll } from "./build.mjs";
import { startDatabase } from "./database.mjs";
import { Failure } from "./failure.mjs";
import { migrate } from "./migrate.mjs";
import { isPortFree } from "./ports.mjs";
import { step } from "./progress.mjs";
import { ensureDependencies, ensureGenerated } from "./setup.mjs";
import { cacheDir, instanceId, root, secrets, stateDir, writePrivate } from "./state.mjs";
import { toolPath } from "./tools.mjs";

const LONGEST_STATE_DIR = 60; // sockets below it must stay under the 108 bytes of a unix socket's path
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
/** It saves and ends every sandbox, of which there may be hundreds. */
const MANAGER_STOPS_WITHIN_MS = 180_000;

/**
 * Everything `startInstallation` needs that is not running: packages, tools, sources, bundles, the site, the root file system.
 * @returns {Promise<{ mode: "oci" | "host", advice?: string }>} how workstations will run on this machine
 */
export async function prepare() {
  await build();
  return step("preparing workstations", async (detail) => {
    const { prepareWorkstations } = await import(await bundle("prepare"));
    const [kubectl, helm] = await Promise.all([toolPath("kubectl"), toolPath("helm")]);
    const prepared = await prepareWorkstations({ cacheDir, tools: { kubectl, helm }, progress: detail });
    if (!prepared.ok) throw new Failure("Workstations cannot be prepared.", prepared.advice);
    return prepared;
  });
}

/** The part of it that is the same on every machine: packages, tools, sources, bundles, the site. */
export async function build() {
  await ensureDependencies();
  await step("unpacking kubectl and helm", () => Promise.all([toolPath("kubectl"), toolPath("helm")]));
  await ensureGenerated();
  await step("building the processes", () =>
    bundleAll(["manager", "terminal-host", "cluster-host", "real-cluster-host", "web", "prepare"]),
  );
  await step("building the site", buildSite);
}

/**
 * Starts an installation; `prepare` has been called.
 * @param {{ port: number, host?: string, onExit?: (name: string, code: number | null) => void }} options
 * @returns {Promise<{ url: string, stateDir: string, databaseUrl: string, pids: () => Record<string, number>, stop: () => Promise<void> }>}
 */
export async function startInstallation({ port, host = "127.0.0.1", onExit }) {
  const dir = stateDir();
  if (Buffer.byteLength(dir) > LONGEST_STATE_DIR) {
    throw new Failure(
      `The state folder's path is too long for unix sockets: ${dir}`,
      "Set SLIPWAY_STATE_DIR to a shorter one.",
    );
  }
  await endLeftovers(dir);
  if (!(await isPortFree(port, host))) {
    throw new Failure(`Port ${port} is taken.`, `Choose another: npm start -- --port ${port + 100}`);
  }
  const database = await step("starting Postgres", () => startDatabase(dir));
  const children = new Map();
  let doctor;
  const stop = async () => {
    doctor?.kill();
    for (const name of ["web", "manager"]) await children.get(name)?.stop();
    await database.stop();
    rmSync(join(dir, "run.json"), { force: true });
  };
  try {
    const keys = secrets(dir);
    const { webUrl, managerUrl } = await step("migrating the database", () => migrate(database.url, keys));
    const shared = {
      ...inherited(),
      NODE_ENV: "production",
      SLIPWAY_INSTANCE: instanceId(),
      SLIPWAY_STATE_DIR: dir,
      SLIPWAY_CACHE_DIR: cacheDir,
    };
    const tools = { SLIPWAY_KUBECTL: await toolPath("kubectl"), SLIPWAY_HELM: await toolPath("helm") };
    const origins = [...new Set([`http://localhost:${port}`, `http://127.0.0.1:${port}`, `http://${host}:${port}`])];
    const remember = () => {
      try {
        writePrivate(join(dir, "run.json"), JSON.stringify({ pid: process.pid, port, children: pidsOf(children) }));
      } catch (error) {
        // On a full disk everything goes on; the next one to be started again is written down with all the others.
        if (error.code !== "ENOSPC") throw error;
      }
    };
    const start = (name, env) => {
      const script = join(root, `dist/${name}.mjs`);
      children.set(name, supervise({ name, script, env, dir, onRestart: remember, onExit }));
      remember();
    };

    await step("starting the manager", async () => {
      start("manager", { ...shared, ...engine(), ...tools, DATABASE_URL: managerUrl });
      await ready(children.get("manager"), { socketPath: join(dir, "manager.sock"), path: "/v1/hello" });
    });
    await step("starting the site", async () => {
      const site = { PORT: String(port), HOST: host, SLIPWAY_ORIGINS: origins.join(","), SLIPWAY_SECRET: keys.session };
      start("web", { ...shared, ...site, DATABASE_URL: webUrl });
      await ready(children.get("web"), {
        host: "127.0.0.1",
        port,
        path: "/healthz",
        headers: { host: `localhost:${port}` },
      });
    });
    doctor = look();
    return {
      url: `http://localhost:${port}/`,
      stateDir: dir,
      databaseUrl: database.url,
      pids: () => pidsOf(children),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the admin's page says of the machine; it asks programs that may not answer, so nobody waits for it. */
function look() {
  const doctor = spawn(process.execPath, [join(root, "bin/slipway.mjs"), "doctor", "--write"], { stdio: "ignore" });
  doctor.on("error", () => undefined); // then the page says that nobody has looked
  doctor.unref();
  return doctor;
}

/** The environment children may see: what Node and the shell need, no secrets of the caller. */
function inherited() {
  const names = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "LOG_LEVEL"];
  const passes = (name) => names.includes(name) || name.startsWith("SLIPWAY_");
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => passes(name)));
}

/** The way to Docker or Podman: for the manager, whose host of real clusters uses it, and for nobody else. */
function engine() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(DOCKER|CONTAINER)_|^XDG_RUNTIME_DIR$/.test(name)),
  );
}

/**
 * Keeps a process running: starts it again when it ends unasked. Gives up when it ended by itself five times in a minute;
 * one that is killed from outside is not to blame.
 */
function supervise({ name, script, env, dir, onRestart, onExit }) {
  mkdirSync(join(dir, "logs"), { recursive: true, mode: 0o700 });
  const logFile = join(dir, "logs", `${name}.log`);
  const log = openSync(logFile, "a", 0o600);
  const state = { name, logFile, child: undefined, stopping: false, failed: false, ends: [] };
  const launch = () => {
    // A process group of its own: Ctrl-C reaches only this command, which then stops the others in order.
    state.child = spawn(process.execPath, ["--enable-source-maps", script], {
      cwd: root,
      env,
      stdio: ["ignore", log, log],
      detached: true,
    });
    state.child.on("exit", (code) => {
      if (state.stopping) return;
      if (code !== null) state.ends = [...state.ends.filter((at) => Date.now() - at < 60_000), Date.now()];
      if (state.ends.length >= 5) {
        state.failed = true;
        onExit?.(name, code);
      } else setTimeout(restart, 200 + 500 * state.ends.length).unref();
    });
  };
  const restart = () => {
    if (state.stopping) return;
    launch();
    onRestart();
  };
  state.stop = async () => {
    state.stopping = true;
    const hasEnded = () => state.child.exitCode !== null || state.child.signalCode !== null;
    await endProcess(state.child.pid, hasEnded, name);
  };
  launch();
  return state;
}

async function ready(child, target) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !child.failed) {
    if (await answers(target)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = readFileSync(child.logFile, "utf8").trimEnd().split("\n").slice(-8).join("\n");
  throw new Failure(
    `The ${child.name} process did not get ready. The end of its log:\n${said}\n`,
    `The whole log is ${child.logFile}`,
  );
}

/** Ends what an earlier run of this installation left behind; refuses when that run is still alive. */
async function endLeftovers(dir) {
  const file = join(dir, "run.json");
  if (!existsSync(file)) return;
  const run = JSON.parse(readFileSync(file, "utf8"));
  if (run.pid !== process.pid && isOurs(run.pid, "slipway.mjs")) {
    throw new Failure(
      `Slipway already runs from this folder: http://localhost:${run.port}/`,
      "Stop it with Ctrl-C where it was started.",
    );
  }
  for (const [name, pid] of Object.entries(run.children ?? {})) {
    if (isOurs(pid, `dist/${name}.mjs`)) await endProcess(pid, () => !isOurs(pid, `dist/${name}.mjs`), name);
  }
}

async function endProcess(pid, hasEnded, name) {
  for (const [signal, patience] of [
    ["SIGTERM", name === "manager" ? MANAGER_STOPS_WITHIN_MS : STOP_WITHIN_MS],
    ["SIGKILL", 2000],
  ]) {
    if (hasEnded()) return;
    try {
      process.kill(pid, signal);
    } catch {
      return; // it ended in between
    }
    for (let waited = 0; waited < patience && !hasEnded(); waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A process id can be another program's by now: its command line must name our script. */
function isOurs(pid, script) {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(script);
  } catch {
    return false;
  }
}

function pidsOf(children) {
  return Object.fromEntries([...children].map(([name, child]) => [name, child.child?.pid]));
}
