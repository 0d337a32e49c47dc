import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WorkstationError } from "../workstation";

const ROOT = "/sys/fs/cgroup";
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 10;

/**
 * Ends whatever is in the control groups of this path, in every hierarchy the machine has, and removes them. A runtime
 * that was killed while it started a container has made them and knows nothing of it.
 * @throws WorkstationError `stop-failed` when a process does not end
 */
export async function clearControlGroups(path: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const folders = await foldersOf(path);
    if (folders.length === 0) return;
    for (const folder of folders) await clear(folder);
    if ((await foldersOf(path)).length === 0) return;
    if (performance.now() > deadline) throw new WorkstationError("stop-failed", `processes in ${path} do not end`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** The names below a path that hold control groups. */
export async function childGroups(path: string): Promise<string[]> {
  const folders = await foldersOf(path);
  const names = await Promise.all(folders.map((folder) => groupsIn(folder)));
  return [...new Set(names.flat())];
}

async function foldersOf(path: string): Promise<string[]> {
  const hierarchies = [ROOT, ...(await groupsIn(ROOT)).map((name) => join(ROOT, name))];
  const folders = [...new Set(hierarchies.map((hierarchy) => join(hierarchy, path)))];
  const present = await Promise.all(folders.map((folder) => readdir(folder).catch(() => undefined)));
  return folders.filter((_, index) => present[index] !== undefined);
}

async function clear(folder: string): Promise<void> {
  for (const child of await groupsIn(folder)) await clear(join(folder, child));
  for (const pid of await processesIn(folder)) end(pid);
  await rmdir(folder).catch(() => undefined); // looked for again by the caller
}

async function groupsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function processesIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
