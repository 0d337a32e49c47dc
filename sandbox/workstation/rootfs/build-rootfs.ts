import { createHash } from "node:crypto";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { WorkstationError, type PrepareStep } from "../workstation";
import type { RunCommand } from "../run-command";
import { LEFT_OUT, LINKS, PACKAGES, SUITE } from "./packages";
import { MOUNTED_DIRECTORIES, MOUNTED_FILES } from "./places";
import { EXECUTABLE_FILES, FILES } from "./shell-files";

/** To be raised when the steps below change what comes out. */
const RECIPE = 1;
const MERGED_USR_HOOKS = "/usr/share/mmdebstrap/hooks/merged-usr";
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const ABANDONED_MS = 3_600_000;
const BUILD_TIMEOUT_MS = 600_000;

export interface RootfsBuild {
  cacheDir: string;
  run: RunCommand;
  progress: (step: PrepareStep) => void;
  signal?: AbortSignal;
}

/** Names the root file system: another list of packages, another file of ours, another hash. */
export function rootfsHash(): string {
  const recipe = JSON.stringify([RECIPE, process.arch, SUITE, PACKAGES, LINKS, LEFT_OUT, MOUNTED_DIRECTORIES, FILES]);
  return createHash("sha256").update(recipe).digest("hex").slice(0, 16);
}

export function rootfsPath(cacheDir: string): string {
  return join(cacheDir, "rootfs", rootfsHash());
}

/**
 * Gives the folder of the root file system and builds it when it is not there. It is built beside its place and renamed
 * into it, so builders that run at once do not disturb each other: the first one to finish wins.
 * Every folder above it must be enterable for all, for the container's own user opens it.
 */
export async function ensureRootfs({ cacheDir, run, progress, signal }: RootfsBuild): Promise<string> {
  const path = rootfsPath(cacheDir);
  const parent = dirname(path);
  await makeEnterable(cacheDir, parent);
  if (await exists(path)) return path;
  await removeAbandoned(parent);
  const building = await mkdtemp(join(parent, ".building-"));
  try {
    progress("rootfs-download");
    await unpackPackages(building, run, signal);
    progress("rootfs-finish");
    await finish(building, run);
    await rename(building, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
    return path;
  } catch (cause) {
    throw new WorkstationError("rootfs-failed", `the shells' root file system could not be made: ${reasonOf(cause)}`, {
      cause,
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Folders of our own get the rights they need, whatever the mask; those above are the person's. */
async function makeEnterable(cacheDir: string, parent: string): Promise<void> {
  await mkdir(parent, { recursive: true });
  for (const folder of [cacheDir, parent]) await chmod(folder, 0o755);
  for (let folder = dirname(cacheDir); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) !== 0) continue;
    const advice = "set SLIPWAY_CACHE_DIR to a folder that every user may enter";
    throw new WorkstationError(
      "rootfs-failed",
      `shells cannot be given a file system below ${folder}, which is private: ${advice}`,
    );
  }
}

/** The line that says it, out of all that the tools print; the whole is in the cause. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n").find((line) => /^E: /.test(line)) ?? text.split("\n", 1)[0] ?? text;
}

/** Suite without a mirror: mmdebstrap adds the updates and the security archive by itself. */
async function unpackPackages(target: string, run: RunCommand, signal?: AbortSignal): Promise<void> {
  const options = [
    "--variant=extract",
    `--hook-dir=${MERGED_USR_HOOKS}`,
    `--keyring=${KEYRING}`,
    `--include=${PACKAGES.join(",")}`,
    '--aptopt=Acquire::Languages "none"',
    "--aptopt=APT::Install-Recommends false",
    "--quiet",
  ];
  const command = ["mmdebstrap", ...options, SUITE, target];
  await run("/bin/sh", ["-c", 'umask 022; exec "$0" "$@"', ...command], { signal, timeoutMs: BUILD_TIMEOUT_MS });
}

async function finish(root: string, run: RunCommand): Promise<void> {
  await collectCertificates(root);
  for (const path of LEFT_OUT) await rm(join(root, path), { recursive: true, force: true });
  for (const path of MOUNTED_DIRECTORIES) await makeFolder(root, path);
  for (const path of MOUNTED_FILES) await writeInto(root, path, "", 0o755);
  for (const [path, text] of Object.entries(FILES)) {
    await writeInto(root, path, text, EXECUTABLE_FILES.has(path) ? 0o755 : 0o644);
  }
  for (const [path, target] of Object.entries(LINKS)) {
    await rm(join(root, path), { force: true });
    await symlink(target, join(root, path));
  }
  await dropSetuid(root);
  await run("chroot", [root, "/usr/sbin/ldconfig"]);
  await chmod(root, 0o755);
}

/** What the package's script would do: one file of all authorities. */
async function collectCertificates(root: string): Promise<void> {
  const folder = join(root, "usr/share/ca-certificates/mozilla");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".crt")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  await writeInto(root, "etc/ssl/certs/ca-certificates.crt", texts.join(""), 0o644);
}

/** Nothing in a workstation may raise rights; `no_new_privs` says so too. */
async function dropSetuid(root: string): Promise<void> {
  for (const folder of ["usr/bin", "usr/sbin", "usr/lib/openssh", "usr/lib/dbus-1.0"]) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      const path = join(root, folder, name);
      const { mode } = await lstat(path);
      if ((mode & 0o170000) === 0o100000 && (mode & 0o6000) !== 0) await chmod(path, mode & 0o1777);
    }
  }
}

/** Also where this process's mask would keep others out. */
async function makeFolder(root: string, path: string): Promise<void> {
  let folder = root;
  for (const name of path.split("/").filter((part) => part !== "" && part !== ".")) {
    folder = join(folder, name);
    if (await exists(folder)) continue;
    await mkdir(folder);
    await chmod(folder, 0o755);
  }
}

async function writeInto(root: string, path: string, text: string, mode: number): Promise<void> {
  const target = join(root, path);
  await makeFolder(root, dirname(path));
  // A link that a package brought would lead the write out of the tree.
  await rm(target, { force: true });
  await writeFile(target, text, { mode });
  await chmod(target, mode);
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(".building-")) continue;
    const path = join(parent, name);
    const age =
      Date.now() -
      (await stat(path)
        .then((found) => found.mtimeMs)
        .catch(() => Date.now()));
    if (age > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
