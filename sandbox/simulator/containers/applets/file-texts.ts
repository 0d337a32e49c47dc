import type { Node } from "../filesystem/nodes";
import type { Process } from "../processes/process";

/** How tools write down what they tell of files: sizes, rights, times, names. */

export function sizeOf(node: Node): number {
  return node.kind === "file"
    ? node.content().byteLength
    : node.kind === "symlink"
      ? node.target.length
      : node.kind === "directory"
        ? 4096
        : 0;
}

export function modeText(node: Node): string {
  const type = { file: "-", directory: "d", symlink: "l", device: "c" }[node.kind];
  const bits = [6, 3, 0].map((shift) =>
    ["r", "w", "x"].map((letter, index) => ((node.mode >> shift) & (4 >> index) ? letter : "-")).join(""),
  );
  // Bits of another kind stand where a right to execute does, small with it and big without.
  for (const [index, [bit, letter]] of SPECIAL_BITS.entries()) {
    if ((node.mode & bit) === 0) continue;
    const rights = bits[index] ?? "";
    bits[index] = rights.slice(0, 2) + (rights.endsWith("x") ? letter : letter.toUpperCase());
  }
  return type + bits.join("");
}

const SPECIAL_BITS = [
  [0o4000, "s"],
  [0o2000, "s"],
  [0o1000, "t"],
] as const;

/** `Nov 21 07:44`, or with the year when it is half a year away. */
export function timeText(ms: number, now: number): string {
  const date = new Date(ms);
  const month =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.getUTCMonth()] ?? "";
  const day = String(date.getUTCDate()).padStart(2);
  const recent = Math.abs(now - ms) < 15_778_476_000;
  return `${month} ${day} ${recent ? date.toISOString().slice(11, 16) : ` ${date.getUTCFullYear()}`}`;
}

export function humanSize(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${"KMGTP"[unit] ?? ""}`;
}

export function nameOf(process: Process, file: string, id: number): string {
  const node = process.machine.fileSystem.find(process, file);
  if (node?.kind !== "file") return String(id);
  const line = new TextDecoder()
    .decode(node.content())
    .split("\n")
    .find((each) => each.split(":")[2] === String(id));
  return line?.split(":")[0] ?? String(id);
}
