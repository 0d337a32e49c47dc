import type { HostPathVolumeSource } from "../api/generated/kubernetes";
import type { Volume } from "./container-runtime";

/** A pod's volume: files of its own, or a place among those of the node. */
export interface PodVolume {
  readonly volume: Volume;
  /** Without a slash at either end; "" or left out for the whole. */
  readonly subPath?: string;
}

/**
 * The part of a node's disk that pods can reach: host paths and local volumes are places in it, so that two pods which
 * name the same path, or one inside the other, share its files for as long as the node lives.
 */
export class NodeFiles {
  readonly #root: Volume;

  constructor(nodeName: string) {
    const file = (text: string) => ({ content: new TextEncoder().encode(text), mode: 0o644 });
    const folder = { content: new Uint8Array(), mode: 0o755 };
    this.#root = {
      files: new Map([
        ["etc/hostname", file(`${nodeName}\n`)],
        ["etc/os-release", file(OS_RELEASE)],
        ["tmp/", { ...folder, mode: 0o1777 }],
        ["var/log/pods/", folder],
        ["var/lib/kubelet/", folder],
        ["mnt/", folder],
        ["opt/", folder],
      ]),
    };
  }

  /** Why a host path cannot be used, in the kubelet's words; makes what its type says to make. */
  hostPath({ path, type = "" }: HostPathVolumeSource): { volume: PodVolume } | { problem: string } {
    const place = trimmed(path);
    const kind = this.#kindAt(place);
    const refused = (what: string) => ({ problem: `hostPath type check failed: ${path} is not ${what}` });
    if (type === "Directory" && kind !== "directory") return refused("a directory");
    if (type === "File" && kind !== "file") return refused("a file");
    if (type === "Socket") return refused("a socket file");
    if (type === "CharDevice") return refused("a character device");
    if (type === "BlockDevice") return refused("a block device");
    if (type === "DirectoryOrCreate" && kind === "file") return refused("a directory");
    if (type === "FileOrCreate" && kind === "directory") return refused("a file");
    if (type === "FileOrCreate" && kind === "nothing") {
      this.#root.files.set(place, { content: new Uint8Array(), mode: 0o644 });
    } else if (kind === "nothing") this.#makeFolder(place);
    return { volume: { volume: this.#root, subPath: place } };
  }

  /** A folder that must be there, for local volumes. */
  local(path: string): PodVolume | undefined {
    return this.#kindAt(trimmed(path)) === "nothing" ? undefined : { volume: this.#root, subPath: trimmed(path) };
  }

  /** Takes a folder away with all that is in it. */
  remove(path: string): void {
    const place = trimmed(path);
    for (const key of [...this.#root.files.keys()]) {
      if (key === place || key.startsWith(`${place}/`)) this.#root.files.delete(key);
    }
  }

  #makeFolder(place: string): void {
    if (place !== "") this.#root.files.set(`${place}/`, { content: new Uint8Array(), mode: 0o755 });
  }

  #kindAt(place: string): "directory" | "file" | "nothing" {
    if (place === "") return "directory";
    if (this.#root.files.has(place)) return "file";
    for (const key of this.#root.files.keys()) if (key.startsWith(`${place}/`)) return "directory";
    return "nothing";
  }
}

function trimmed(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;
