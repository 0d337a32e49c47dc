import type { Random } from "../random";
import type { Volume, VolumeFile } from "./container-runtime";

const LINK_MODE = 0o120777;
const DATA = "..data";

/**
 * Gives a volume exactly these files, all at once for whoever looks: they lie in a folder named after the time, `..data`
 * leads there, and each name at the top leads through `..data`. Unchanged files leave everything as it is.
 * https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter
 */
export function writeAtomically(
  volume: Volume,
  wanted: ReadonlyMap<string, VolumeFile>,
  { now, random }: { readonly now: number; readonly random: Random },
): void {
  const { files } = volume;
  const current = linkTarget(files.get(DATA));
  if (current !== undefined && holds(volume, `${current}/`, wanted)) return;
  const folder = `..${stamp(now)}.${random.below(2 ** 32)}`;
  const isOwned = volume.group !== undefined;
  files.set(`${folder}/`, { content: new Uint8Array(), mode: isOwned ? 0o2755 : 0o755, gid: volume.group });
  for (const [path, file] of wanted) files.set(`${folder}/${path}`, { ...file });
  files.set(DATA, link(folder));
  const names = new Set([...wanted.keys()].map((path) => path.split("/", 1)[0] ?? ""));
  for (const name of names) if (!files.has(name)) files.set(name, link(`${DATA}/${name}`));
  for (const key of [...files.keys()]) {
    const isOld = current !== undefined && key.startsWith(`${current}/`);
    if (isOld || (!key.startsWith("..") && !key.includes("/") && !names.has(key))) files.delete(key);
  }
}

/** The file at a path of such a volume, its links followed. */
export function fileAt({ files }: Volume, path: string): VolumeFile | undefined {
  const own = files.get(path);
  if (own && linkTarget(own) === undefined) return own;
  const folder = linkTarget(files.get(DATA));
  return folder === undefined ? own : files.get(`${folder}/${path}`);
}

function link(target: string): VolumeFile {
  return { content: new TextEncoder().encode(target), mode: LINK_MODE };
}

function linkTarget(file: VolumeFile | undefined): string | undefined {
  return file && (file.mode & LINK_MODE) === LINK_MODE ? new TextDecoder().decode(file.content) : undefined;
}

function holds({ files }: Volume, prefix: string, wanted: ReadonlyMap<string, VolumeFile>): boolean {
  const paths = [...files.keys()].filter((key) => key.startsWith(prefix) && key !== prefix);
  return (
    paths.length === wanted.size &&
    [...wanted].every(([path, file]) => {
      const current = files.get(prefix + path);
      return current !== undefined && current.mode === file.mode && sameBytes(current.content, file.content);
    })
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** `2026_01_31_08_05_09`. */
function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replace(/[-T:]/g, "_");
}
