import { basename, dirname } from "node:path";
import {
  API_DIRECTORY,
  COMPLETIONS_DIRECTORY,
  HELM,
  HOME,
  KUBECTL,
  LEARNER_STATE_DIRECTORY,
  RELAY_ID,
  SEED_DIRECTORY,
  TTY_GROUP_ID,
} from "../rootfs/places";
import type { IdMapping } from "./identity";
import { seccompProfile } from "./seccomp";

export interface WorkstationLimits {
  memoryBytes: number;
  /** Processes and threads, the relay's included. */
  pids: number;
  /** Of those, the learner's: so that the relay always has room. */
  learnerPids: number;
  cpuShares: number;
  homeBytes: number;
  homeInodes: number;
  openFiles: number;
  fileBytes: number;
}

export const DEFAULT_LIMITS: Readonly<WorkstationLimits> = Object.freeze({
  memoryBytes: 256 * 1024 * 1024,
  pids: 256,
  learnerPids: 192,
  cpuShares: 512,
  homeBytes: 64 * 1024 * 1024,
  homeInodes: 8192,
  openFiles: 512,
  fileBytes: 64 * 1024 * 1024,
});

export interface Tools {
  kubectl: string;
  helm?: string;
}

export interface BundleInput {
  rootfs: string;
  seedDirectory: string;
  /** Mounted on the host, so that what is on them outlives the container. */
  disks: { home: string; state: string };
  apiSocketPath: string;
  tools: Tools;
  /** Holds `kubectl` and, with helm, `helm`. */
  completionsDirectory: string;
  cgroupsPath: string;
  users: IdMapping[];
  groups: IdMapping[];
  limits: WorkstationLimits;
}

const SHELL_PATH = "/usr/local/bin:/usr/bin:/bin";

/** What every process of the learner has in its environment, and nothing else. */
export const LEARNER_ENV: Readonly<Record<string, string>> = Object.freeze({
  HOME,
  USER: "learner",
  LOGNAME: "learner",
  SHELL: "/bin/bash",
  TERM: "xterm-256color",
  COLORTERM: "truecolor",
  LANG: "C.UTF-8",
  KUBE_EDITOR: "nano",
  EDITOR: "nano",
});

/** Entries of /proc that tell about the host, or have had holes. */
const MASKED_PATHS: readonly string[] = [
  ...["acpi", "asound", "config.gz", "interrupts", "iomem", "ioports", "kallsyms", "kcore", "key-users", "keys"],
  ...["kmsg", "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "pagetypeinfo", "sched_debug", "scsi"],
  ...["slabinfo", "timer_list", "timer_stats", "vmallocinfo"],
].map((name) => `/proc/${name}`);

const READONLY_PATHS: readonly string[] = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

const NO_CAPABILITIES = { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] };

/** The container as the OCI runtime specification words it (`config.json`). */
export function bundleConfig(input: BundleInput): object {
  const { limits } = input;
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: RELAY_ID, gid: RELAY_ID },
      args: ["/usr/lib/slipway/init", basename(input.apiSocketPath)],
      env: [`PATH=${SHELL_PATH}`],
      cwd: "/",
      capabilities: NO_CAPABILITIES,
      rlimits: [
        limit("RLIMIT_NOFILE", limits.openFiles),
        limit("RLIMIT_NPROC", limits.learnerPids),
        limit("RLIMIT_FSIZE", limits.fileBytes),
        limit("RLIMIT_CORE", 0),
        limit("RLIMIT_MEMLOCK", 64 * 1024),
        limit("RLIMIT_MSGQUEUE", 0),
        limit("RLIMIT_SIGPENDING", 256),
      ],
      noNewPrivileges: true,
      oomScoreAdj: 500,
    },
    root: { path: input.rootfs, readonly: true },
    hostname: "workstation",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
      tmpfs("/dev", "nosuid", "strictatime", "mode=755", "size=64k", "nr_inodes=256"),
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", `gid=${TTY_GROUP_ID}`, "max=32"],
      },
      tmpfs("/dev/shm", "nosuid", "noexec", "nodev", "mode=1777", "size=8m", "nr_inodes=1024"),
      tmpfs("/tmp", "nosuid", "nodev", "mode=1777", "size=32m", "nr_inodes=4096"),
      disk(input.disks.home, HOME),
      disk(input.disks.state, LEARNER_STATE_DIRECTORY),
      readOnly(input.seedDirectory, SEED_DIRECTORY, "noexec"),
      readOnly(dirname(input.apiSocketPath), API_DIRECTORY, "noexec"),
      readOnly(input.tools.kubectl, KUBECTL),
      readOnly(`${input.completionsDirectory}/kubectl`, `${COMPLETIONS_DIRECTORY}/kubectl`, "noexec"),
      ...(input.tools.helm === undefined
        ? []
        : [
            readOnly(input.tools.helm, HELM),
            readOnly(`${input.completionsDirectory}/helm`, `${COMPLETIONS_DIRECTORY}/helm`, "noexec"),
          ]),
    ],
    linux: {
      cgroupsPath: input.cgroupsPath,
      resources: {
        memory: { limit: limits.memoryBytes, swap: limits.memoryBytes },
        pids: { limit: limits.pids },
        cpu: { shares: limits.cpuShares },
      },
      namespaces: ["user", "pid", "network", "ipc", "uts", "mount", "cgroup"].map((type) => ({ type })),
      uidMappings: input.users,
      gidMappings: input.groups,
      // The relay listens where the cluster's Services do, on port 80 too.
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0" },
      seccomp: seccompProfile(),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

function limit(type: string, value: number): object {
  return { type, soft: value, hard: value };
}

function tmpfs(destination: string, ...options: string[]): object {
  return { destination, type: "tmpfs", source: "tmpfs", options };
}

function disk(source: string, destination: string): object {
  return { destination, type: "bind", source, options: ["bind", "rw", "nosuid", "nodev"] };
}

function readOnly(source: string, destination: string, ...options: string[]): object {
  return { destination, type: "bind", source, options: ["bind", "ro", "nosuid", "nodev", ...options] };
}
