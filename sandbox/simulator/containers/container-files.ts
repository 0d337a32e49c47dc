import type { Clock } from "../clock";
import type { ContainerConfig, PodSandboxConfig } from "../kubelet/container-runtime";
import type { Random } from "../random";
import { fillDevices } from "./filesystem/devices";
import { FileSystem } from "./filesystem/file-system";
import { LayerDirectory, type Layer } from "./filesystem/layer-directory";
import { MemoryFile } from "./filesystem/memory-file";
import type { Node } from "./filesystem/nodes";
import { procDirectory } from "./filesystem/proc";
import { Quota } from "./filesystem/quota";
import { VolumeDirectory } from "./filesystem/volume-directory";
import type { Image } from "./images/image";
import type { ProcessTable } from "./processes/process-table";

interface FilesOptions {
  readonly image: Image;
  readonly config: ContainerConfig;
  /** Of its own layer. */
  readonly quota: Quota;
  readonly sandbox: PodSandboxConfig;
  readonly hostname: string;
  readonly ip: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly processes: ProcessTable;
  readonly bootedAt: number;
}

/** A container's files: the image under a writable layer, /dev, /proc, the pod's three files in /etc, and its volumes. */
export function containerFileSystem(options: FilesOptions): FileSystem {
  const { image, config, clock, random, processes } = options;
  const now = clock.now();
  const layer: Layer = { quota: options.quota, readOnly: config.readOnlyRootFilesystem ?? false };
  const base = image.tree();
  const fileSystem = new FileSystem(new LayerDirectory(layer, base, base), () => clock.now());
  // /dev and the files of /etc can be written even where the root cannot.
  const scratch: Layer = { quota: new Quota({ bytes: 1024 * 1024, files: 1000 }), readOnly: false };
  const dev = new LayerDirectory(scratch, undefined, { mode: 0o755, uid: 0, gid: 0, mtime: now });
  fillDevices(dev, random, now);
  dev.create("shm", { kind: "directory", mode: 0o1777, uid: 0, gid: 0 }, now);
  fileSystem.mount("/dev", dev, false);
  fileSystem.mount(
    "/proc",
    procDirectory({
      processes: () => processes.all(),
      uptime: () => (clock.now() - options.bootedAt) / 1000,
      now: () => clock.now(),
      mounts: () => fileSystem.mounts().filter(({ path }) => path !== "/dev" && path !== "/proc"),
    }),
    false,
  );
  const file = (text: string): Node =>
    new MemoryFile(scratch.quota, { mode: 0o644, uid: 0, gid: 0, mtime: now }, new TextEncoder().encode(text));
  const given = new Set(config.mounts.map(({ containerPath }) => containerPath));
  for (const [path, text] of [
    ["/etc/hosts", hostsFile(options)],
    ["/etc/hostname", `${options.hostname}\n`],
    ["/etc/resolv.conf", options.sandbox.resolvConf],
  ] as const) {
    if (!given.has(path)) fileSystem.mount(path, file(text), false);
  }
  // Outer folders first, so that /a/b is not hidden by /a.
  for (const mount of [...config.mounts].sort((a, b) => a.containerPath.length - b.containerPath.length)) {
    const whole = new VolumeDirectory(mount.volume, "", mount.readOnly, now);
    fileSystem.mount(mount.containerPath, mount.subPath ? subPath(whole, mount.subPath, now) : whole, mount.readOnly);
  }
  return fileSystem;
}

/** The part of a volume that is mounted; a folder is made when nothing is there. */
function subPath(volume: VolumeDirectory, path: string, now: number): Node {
  const parts = path.split("/").filter((each) => each !== "" && each !== "." && each !== "..");
  let node: Node = volume;
  // What links lead to is mounted, not the links: a file that is replaced behind them stays as it was.
  for (let links = 0; parts.length > 0;) {
    if (node.kind !== "directory") return node;
    const part = parts.shift() ?? "";
    const found: Node =
      node.lookup(part, 0) ?? node.create(part, { kind: "directory", mode: 0o755, uid: 0, gid: 0 }, now);
    if (found.kind !== "symlink") node = found;
    else if (++links > MAX_LINKS) return node;
    else parts.unshift(...found.target.split("/").filter(Boolean));
  }
  return node;
}

const MAX_LINKS = 10;

/** /etc/hosts as the kubelet writes it. */
function hostsFile({ sandbox, hostname, ip }: FilesOptions): string {
  const lines = [
    "# Kubernetes-managed hosts file.",
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
    `${ip}\t${hostname}`,
  ];
  if (sandbox.hostAliases.length > 0) lines.push("", "# Entries added by HostAliases.");
  for (const alias of sandbox.hostAliases) lines.push(`${alias.ip}\t${alias.hostnames.join("\t")}`);
  return lines.map((line) => `${line}\n`).join("");
}
