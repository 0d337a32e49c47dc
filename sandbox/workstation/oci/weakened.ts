import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WorkstationCommand } from "../workstation";
import { Runc, RUNC_ENV } from "./runc";
import type { OciBed } from "./test-bed";

/** As much of a container's `config.json` as tests take away from. */
export interface ContainerConfig {
  process: {
    args: string[];
    user: { uid: number; gid: number };
    capabilities: object;
    rlimits: { type: string; soft: number; hard: number }[];
    noNewPrivileges: boolean;
    oomScoreAdj: number;
  };
  hostname?: string;
  mounts: { destination: string; type: string; source: string; options: string[] }[];
  linux: {
    cgroupsPath: string;
    resources: object;
    namespaces: { type: string }[];
    uidMappings?: object[];
    gidMappings?: object[];
    sysctl?: object;
    seccomp?: object;
    maskedPaths: string[];
    readonlyPaths: string[];
  };
}

/**
 * Starts a second container like the running workstation `like`, but for what `weaken` takes away: the control of a test
 * that says "this does not get out". Its bed removes it.
 */
export async function startWeakened(
  bed: OciBed,
  like: string,
  id: string,
  weaken: (config: ContainerConfig) => void,
): Promise<void> {
  const bundle = join(bed.stateDir, "workstations", id);
  const text = await readFile(join(bed.stateDir, "workstations", like, "config.json"), "utf8");
  const config = JSON.parse(text) as ContainerConfig; // written by `bundleConfig`
  config.linux.cgroupsPath = config.linux.cgroupsPath.replace(like, id);
  weaken(config);
  await mkdir(bundle, { mode: 0o700 });
  await writeFile(join(bundle, "config.json"), JSON.stringify(config));
  await runcOf(bed).start(id, bundle);
}

/** One more process in a container, as whoever its users are. */
export function commandAs(
  bed: OciBed,
  id: string,
  user: number,
  argv: readonly string[],
  options: readonly string[] = [],
): WorkstationCommand {
  const all = ["--user", `${user}:${user}`, "--cwd", "/tmp", ...options];
  return { argv: runcOf(bed).execArgv(id, all, argv), env: { ...RUNC_ENV }, cwd: "/" };
}

/** The host's process id of a container's first process. */
export async function firstProcess(bed: OciBed, id: string): Promise<number> {
  const state = await runcOf(bed).state(id);
  if (!state) throw new Error(`there is no container ${id}`);
  return state.pid;
}

function runcOf(bed: OciBed): Runc {
  return new Runc(`/run/slipway/${bed.instanceId}/runc`);
}

const ALL_CAPABILITIES = [
  ...[
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "NET_ADMIN",
  ],
  ...[
    "NET_BIND_SERVICE",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_ADMIN",
    "MKNOD",
    "SYSLOG",
  ],
].map((name) => `CAP_${name}`);

/**
 * What many put in a container without a thought: root of the host with its capabilities, its processes, its network,
 * its /tmp, no filter, no limits.
 */
export function naive(config: ContainerConfig): void {
  const caps = ALL_CAPABILITIES;
  Object.assign(config.process, {
    args: ["sleep", "infinity"],
    user: { uid: 0, gid: 0 },
    capabilities: { bounding: caps, effective: caps, inheritable: caps, permitted: caps, ambient: [] },
    rlimits: [{ type: "RLIMIT_NOFILE", soft: 8_192, hard: 8_192 }],
    noNewPrivileges: false,
    oomScoreAdj: 0,
  });
  config.mounts = config.mounts.map((mount) => {
    if (mount.destination === "/tmp") return { ...mount, type: "bind", source: "/tmp", options: ["rbind", "rw"] };
    // As tmpfs without a limit; the disks of a workstation have theirs from outside.
    if (mount.source.includes("/disks/")) return { ...mount, type: "tmpfs", source: "tmpfs", options: ["mode=777"] };
    const options = mount.options.filter((option) => !/^(nosuid|size=|nr_inodes=|max=)/.test(option));
    return { ...mount, options };
  });
  const { linux } = config;
  for (const name of ["uidMappings", "gidMappings", "sysctl", "seccomp"]) Reflect.deleteProperty(linux, name);
  Object.assign(linux, {
    resources: {},
    namespaces: [{ type: "mount" }, { type: "uts" }],
    maskedPaths: [],
    readonlyPaths: [],
  });
}
