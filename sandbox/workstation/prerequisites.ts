import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, SYSTEM_PATH, type RunCommand } from "./run-command";

export interface PrerequisiteOptions {
  run?: RunCommand;
  /** Told which packages are being installed. */
  progress?: (step: { installing: readonly string[] }) => void;
  uid?: number;
  path?: string;
  osRelease?: string;
}

/** Whether workstations can be containers here, and if not: why, and what a person can do about it. */
export type Prerequisites =
  | { ok: true; installed: readonly string[] }
  | {
      ok: false;
      code: "not-linux" | "not-root" | "unknown-system" | "install-failed";
      missing: string[];
      advice: string;
    };

/** Program → the Debian package that has it. */
const PROGRAMS: Readonly<Record<string, string>> = { runc: "runc", mmdebstrap: "mmdebstrap" };
/** File → package: on Ubuntu the keys of Debian are a package of their own. */
const FILES: Readonly<Record<string, string>> = {
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
};
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Looks for what containers need, and installs what is missing as root on Debian and Ubuntu. Changes nothing when all
 * is there.
 */
export async function ensurePrerequisites(options: PrerequisiteOptions = {}): Promise<Prerequisites> {
  const { run = runCommand, progress, uid = process.getuid?.(), path = SYSTEM_PATH } = options;
  if (process.platform !== "linux") {
    return refuse("not-linux", [], "Containers for the shells need Linux; the `host` mode works here.");
  }
  const missing = await missingPackages(path);
  if (uid !== 0) {
    return refuse(
      "not-root",
      missing,
      "Containers for the shells need root: start again with sudo, or use the `host` mode.",
    );
  }
  if (missing.length === 0) return { ok: true, installed: [] };
  const command = `apt-get install ${missing.join(" ")}`;
  if (!(await isDebianLike(options.osRelease))) {
    return refuse("unknown-system", missing, `Please install these programs: ${missing.join(", ")}.`);
  }
  progress?.({ installing: missing });
  try {
    await install(run, missing);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse("install-failed", missing, `Please run \`${command}\`; it failed here: ${why}`);
  }
  return { ok: true, installed: missing };
}

async function missingPackages(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(PROGRAMS)) {
    const found = await Promise.all(path.split(":").map((folder) => isThere(join(folder, program), constants.X_OK)));
    if (!found.includes(true)) missing.push(name);
  }
  for (const [file, name] of Object.entries(FILES)) {
    if (!(await isThere(file, constants.R_OK))) missing.push(name);
  }
  return missing;
}

/** Package lists may be older than the archive: they are fetched anew when the first try fails. */
async function install(run: RunCommand, packages: readonly string[]): Promise<void> {
  const options = { env: { PATH: SYSTEM_PATH, DEBIAN_FRONTEND: "noninteractive" }, timeoutMs: INSTALL_TIMEOUT_MS };
  const args = ["install", "--yes", "--no-install-recommends", ...packages];
  try {
    await run("apt-get", args, options);
  } catch {
    // Said again, with its reason, by the second try.
    await run("apt-get", ["update"], options);
    await run("apt-get", args, options);
  }
}

async function isDebianLike(given?: string): Promise<boolean> {
  const text = given ?? (await readFile("/etc/os-release", "utf8").catch(() => ""));
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(text);
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function refuse(code: Extract<Prerequisites, { ok: false }>["code"], missing: string[], advice: string): Prerequisites {
  return { ok: false, code, missing, advice };
}
