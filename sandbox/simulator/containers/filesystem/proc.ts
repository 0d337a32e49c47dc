import { FileError } from "./file-error";
import type { Attributes, DeviceNode, DirectoryNode, FileNode, Node, SymlinkNode } from "./nodes";
import type { OpenFile } from "./open-file";

/** What /proc shows of a process. */
export interface ProcessView {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly gid: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: ReadonlyMap<string, string>;
  readonly descriptors: ReadonlyMap<number, OpenFile>;
}

export interface ProcSource {
  processes(): readonly ProcessView[];
  /** Seconds since the node booted. */
  uptime(): number;
  now(): number;
  mounts(): readonly { readonly path: string; readonly readOnly: boolean }[];
}

/** The folder /proc: processes by number, `self`, and a few files about the machine. */
export function procDirectory(source: ProcSource): DirectoryNode {
  const now = source.now();
  const texts = new Map<string, () => string>([
    ["uptime", () => `${source.uptime().toFixed(2)} ${(source.uptime() * 3.6).toFixed(2)}\n`],
    [
      "loadavg",
      () => `0.08 0.05 0.01 1/${source.processes().length} ${Math.max(0, ...source.processes().map((p) => p.pid))}\n`,
    ],
    [
      "meminfo",
      () =>
        `MemTotal:        8152912 kB\nMemFree:         3920144 kB\nMemAvailable:    6221804 kB\nBuffers:          180224 kB\nCached:          2110460 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n`,
    ],
    [
      "cpuinfo",
      () =>
        [0, 1]
          .map(
            (n) =>
              `processor\t: ${n}\nvendor_id\t: GenuineIntel\nmodel name\t: Virtual CPU\ncpu MHz\t\t: 2400.000\ncpu cores\t: 2\n`,
          )
          .join("\n"),
    ],
    ["version", () => "Linux version 6.8.0 (gcc) #1 SMP PREEMPT_DYNAMIC\n"],
    ["mounts", () => mountTable(source)],
    ["filesystems", () => "nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n\text4\n"],
  ]);
  return dynamicDirectory(now, {
    names: () => [...source.processes().map((process) => String(process.pid)), ...texts.keys(), "self"],
    lookup: (name, viewer) => {
      const text = texts.get(name);
      if (text) return textFile(text, now);
      if (name === "self") return symlink(String(viewer), now);
      const process = source.processes().find((each) => String(each.pid) === name);
      return process && processDirectory(process, now, source);
    },
  });
}

function processDirectory(process: ProcessView, now: number, source: ProcSource): DirectoryNode {
  const name = (process.argv[0] ?? "").split("/").pop() ?? "";
  const files: Record<string, () => string> = {
    cmdline: () => process.argv.map((word) => `${word}\0`).join(""),
    comm: () => `${name.slice(0, 15)}\n`,
    environ: () => [...process.env].map(([key, value]) => `${key}=${value}\0`).join(""),
    mounts: () => mountTable(source),
    stat: () => `${process.pid} (${name}) S ${process.ppid} ${process.pid} ${process.pid} 0 -1 4194560\n`,
    status: () =>
      `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t${process.pid}\nPid:\t${process.pid}\nPPid:\t${process.ppid}\nUid:\t${Array(4).fill(process.uid).join("\t")}\nGid:\t${Array(4).fill(process.gid).join("\t")}\n`,
  };
  return dynamicDirectory(now, {
    names: () => [...Object.keys(files), "cwd", "fd", "root"],
    lookup: (entry) => {
      const text = files[entry];
      if (text) return textFile(text, now);
      if (entry === "cwd") return symlink(process.cwd, now);
      if (entry === "root") return symlink("/", now);
      return entry === "fd" ? descriptorDirectory(process, now) : undefined;
    },
  });
}

function descriptorDirectory(process: ProcessView, now: number): DirectoryNode {
  return dynamicDirectory(now, {
    names: () => [...process.descriptors.keys()].map(String),
    lookup: (name): DeviceNode | undefined => {
      const file = process.descriptors.get(Number(name));
      return (
        file && {
          kind: "device",
          numbers: [0, 0],
          mode: 0o700,
          uid: process.uid,
          gid: process.gid,
          mtime: now,
          open: () => file.retain(),
        }
      );
    },
  });
}

function mountTable(source: ProcSource): string {
  const fixed = [
    "overlay / overlay rw,relatime 0 0",
    "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
    "tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0",
  ];
  const volumes = source
    .mounts()
    .map(({ path, readOnly }) => `/dev/vda1 ${path} ext4 ${readOnly ? "ro" : "rw"},relatime 0 0`);
  return [...fixed, ...volumes].map((line) => `${line}\n`).join("");
}

interface Content {
  names(): string[];
  lookup(name: string, viewer: number): Node | undefined;
}

/** A folder whose entries are worked out when asked for; nothing in it can be changed. */
function dynamicDirectory(now: number, content: Content): DirectoryNode {
  const refuse = (): never => {
    throw new FileError("EACCES");
  };
  return {
    kind: "directory",
    readOnly: false,
    mode: 0o555,
    uid: 0,
    gid: 0,
    mtime: now,
    names: () => content.names(),
    lookup: (name, viewer) => content.lookup(name, viewer),
    writable: () => refuse(),
    create: () => refuse(),
    place: () => refuse(),
    remove: () => refuse(),
    change: () => refuse(),
  };
}

function textFile(text: () => string, now: number): FileNode {
  return { kind: "file", content: () => new TextEncoder().encode(text()), ...attributes(0o444, now) };
}

function symlink(target: string, now: number): SymlinkNode {
  return { kind: "symlink", target, ...attributes(0o777, now) };
}

function attributes(mode: number, mtime: number): Attributes {
  return { mode, uid: 0, gid: 0, mtime };
}
