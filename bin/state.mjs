// Where this installation keeps what it makes. The instance id is made once per checkout; everything that must not be
// mistaken for another installation's (directories, sockets, container names) carries it.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const isRoot = process.getuid?.() === 0;

/** Shared by all installations of this machine, read-only once made: unpacked tools, Postgres, root file systems. */
export const cacheDir =
  process.env.SLIPWAY_CACHE_DIR ?? (isRoot ? "/var/lib/slipway/cache" : join(root, ".data/cache"));

/** The id of this checkout's installation: `SLIPWAY_INSTANCE`, or eight hex digits kept in .data/instance. */
export function instanceId() {
  if (process.env.SLIPWAY_INSTANCE) return process.env.SLIPWAY_INSTANCE;
  const file = join(root, ".data/instance");
  if (!existsSync(file)) writePrivate(file, randomBytes(4).toString("hex") + "\n");
  return readFileSync(file, "utf8").trim();
}

/** State of one installation, 0711 so that the database's and the learners' users can pass through to their own parts. */
export function stateDir() {
  const dir = process.env.SLIPWAY_STATE_DIR ?? (isRoot ? `/var/lib/slipway/${instanceId()}` : join(root, ".data"));
  mkdirSync(dir, { recursive: true });
  if (isRoot) chmodSync(dir, 0o711);
  return dir;
}

/** Random secrets of this installation, made on first use: database passwords and the session secret. */
export function secrets(dir = stateDir()) {
  const file = join(dir, "secrets.json");
  const known = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const names = ["database", "web", "manager", "session"];
  const missing = names.filter((name) => typeof known[name] !== "string");
  for (const name of missing) known[name] = randomBytes(24).toString("hex");
  if (missing.length > 0) writePrivate(file, JSON.stringify(known));
  return known;
}

export function writePrivate(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, file);
}
