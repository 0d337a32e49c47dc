import type { Random } from "../../random";
import { FileError } from "./file-error";
import type { DeviceNode, DirectoryNode } from "./nodes";
import { DeviceFile, type OpenFile } from "./open-file";

/** Fills /dev as a container runtime does. */
export function fillDevices(dev: DirectoryNode, random: Random, now: number): void {
  const attributes = { mode: 0o666, uid: 0, gid: 0, mtime: now };
  const device = (name: string, numbers: readonly [number, number], open: DeviceNode["open"]): void =>
    dev.place(name, { kind: "device", numbers, open, ...attributes });
  const link = (name: string, target: string): void =>
    dev.place(name, { kind: "symlink", target, mode: 0o777, uid: 0, gid: 0, mtime: now });

  device("null", [1, 3], () => new DeviceFile());
  device("zero", [1, 5], () => new DeviceFile((limit) => new Uint8Array(limit)));
  device("full", [1, 7], () => new DeviceFile((limit) => new Uint8Array(limit), true));
  for (const [name, minor] of [
    ["random", 8],
    ["urandom", 9],
  ] as const) {
    device(
      name,
      [1, minor],
      () => new DeviceFile((limit) => Uint8Array.from({ length: limit }, () => random.below(256))),
    );
  }
  device(
    "tty",
    [5, 0],
    (descriptor) =>
      [0, 1, 2]
        .map(descriptor)
        .find((file) => file?.terminal)
        ?.retain() ?? noDevice(),
  );
  link("fd", "/proc/self/fd");
  link("stdin", "/proc/self/fd/0");
  link("stdout", "/proc/self/fd/1");
  link("stderr", "/proc/self/fd/2");
}

function noDevice(): OpenFile {
  throw new FileError("ENOENT");
}
