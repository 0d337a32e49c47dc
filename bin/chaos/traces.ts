import { readdirSync, readFileSync } from "node:fs";

/** What of an installation can be seen from outside, by somebody who knows nothing but its instance id and folder. */
export interface Traces {
  /** By what they run, `manager` or `dist/manager.mjs`; those in containers are under `workstation`. */
  readonly processes: Readonly<Record<string, number[]>>;
  /** Ids of sandboxes. */
  readonly controlGroups: string[];
  readonly mounts: string[];
  readonly folders: string[];
}

const CONTROL_GROUPS = "/sys/fs/cgroup";

export function tracesOf(instance: string, stateDir: string): Traces {
  return {
    processes: processesOf(instance),
    controlGroups: [...controlGroupsOf(instance)].sort(),
    mounts: mountsBelow(stateDir),
    folders: ["s", "workstations", ...foldersIn(stateDir).filter((name) => name.endsWith(".clusters"))].flatMap(
      (name) => foldersIn(`${stateDir}/${name}`).map((entry) => `${name}/${entry}`),
    ),
  };
}

function processesOf(instance: string): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const pid of foldersIn("/proc")
    .map(Number)
    .filter((number) => number > 0)) {
    const kind = kindOf(pid, instance);
    if (kind !== undefined) (found[kind] ??= []).push(pid);
  }
  return found;
}

function kindOf(pid: number, instance: string): string | undefined {
  const state = read(`/proc/${pid}/stat`).split(") ")[1]?.[0];
  if (state === undefined || state === "Z" || state === "X") return undefined; // it has ended; its parent will take note
  if (read(`/proc/${pid}/cgroup`).includes(`/slipway-${instance}/`)) return "workstation";
  const commandLine = read(`/proc/${pid}/cmdline`);
  if (commandLine.includes(`/run/slipway/${instance}/`)) return "runc";
  if (!`\0${read(`/proc/${pid}/environ`)}`.includes(`\0SLIPWAY_INSTANCE=${instance}\0`)) return undefined;
  return /dist\/([a-z-]+)\.mjs/.exec(commandLine)?.[1];
}

/** Of containers; the group that holds them all is one of its own. */
function controlGroupsOf(instance: string): Set<string> {
  const hierarchies = [CONTROL_GROUPS, ...foldersIn(CONTROL_GROUPS).map((name) => `${CONTROL_GROUPS}/${name}`)];
  return new Set(hierarchies.flatMap((hierarchy) => foldersIn(`${hierarchy}/slipway-${instance}`)));
}

function mountsBelow(folder: string): string[] {
  const places = read("/proc/self/mountinfo")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return places.filter((place) => place.startsWith(`${folder}/`));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended
  }
}
