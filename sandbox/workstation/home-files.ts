import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { TarEntry } from "./tar";

/**
 * What is in a home, so that a later save can tell what changed: path → type, mode, size, times, target of a link. And
 * where the shells are: `place.<terminal>` → folder.
 */
export type HomeManifest = ReadonlyMap<string, string>;

export interface HomeFiles {
  readonly manifest: HomeManifest;
  /** What differs from the manifest that was known, folders before what is in them. */
  readonly changed: readonly TarEntry[];
}

/** What can be made anew: kubectl's cache alone is hundreds of files. */
const LEFT_OUT = new Set(["./.kube/cache", "./.cache"]);

/** Each level is a descriptor. */
const DEEPEST = 64;
const MOST_ENTRIES = 20_000;
/** A home is capped; whatever a learner does, no more than this is ever taken from one. */
const MOST_BYTES = 96 * 1024 * 1024;
const PLACE_BYTES = 4096;
const CHUNK_BYTES = 256 * 1024;
/** Other learners' keys go through this process: so many files in a row, then they have their turn. */
const IN_A_ROW = 128;

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a home from outside, whoever owns it meanwhile changes it, and does so to deceive: every step is one name below
 * a folder that is held open, no link is followed, and only what turns out to be an ordinary file is read. What goes
 * away while it is looked at is left out; the next time is soon.
 */
export async function readHome(home: string, state: string, known?: HomeManifest): Promise<HomeFiles> {
  const walk = new Walk(known);
  walk.places(state);
  await walk.folder(home);
  return walk;
}

class Walk implements HomeFiles {
  readonly manifest = new Map<string, string>();
  readonly changed: TarEntry[] = [];
  readonly #known: HomeManifest | undefined;
  #bytes = 0;
  #inARow = 0;

  constructor(known: HomeManifest | undefined) {
    this.#known = known;
  }

  places(state: string): void {
    withFolder(state, (inside, names) => {
      for (const name of names.filter((one) => one.startsWith("place."))) {
        const place = readFile(inside(name), PLACE_BYTES);
        if (place) this.manifest.set(name, place.toString("utf8"));
      }
    });
  }

  /** @throws when it cannot be opened at all */
  async folder(home: string): Promise<void> {
    const descriptor = openSync(home, FOLDER);
    try {
      await this.#inFolder(insideOf(descriptor, home), ".", 0);
    } finally {
      closeSync(descriptor);
    }
  }

  async #inFolder(inside: Inside, path: string, depth: number): Promise<void> {
    for (const name of namesIn(inside(""))) {
      const below = `${path}/${name}`;
      if (LEFT_OUT.has(below) || this.manifest.size >= MOST_ENTRIES) continue;
      await this.#entry(inside(name), below, depth);
      if (++this.#inARow % IN_A_ROW === 0) await breathe();
    }
  }

  async #entry(place: string, path: string, depth: number): Promise<void> {
    const stats = attempt(() => lstatSync(place));
    if (!stats) return;
    if (stats.isSymbolicLink()) {
      const target = attempt(() => readlinkSync(place));
      if (target !== undefined) this.#note(path, stats, { type: "link", target });
    } else if (stats.isFile()) {
      if (this.#isKnown(path, stats)) return;
      const data = await this.#contents(place);
      const before = this.#known?.get(path);
      if (data) this.#note(path, stats, { type: "file", data });
      else if (before !== undefined) this.manifest.set(path, before); // not taken now, but not gone either
    } else if (stats.isDirectory() && depth < DEEPEST) {
      const descriptor = attempt(() => openSync(place, FOLDER));
      if (descriptor === undefined) return;
      try {
        this.#note(path, stats, { type: "folder" });
        await this.#inFolder(insideOf(descriptor, place), path, depth + 1);
      } finally {
        closeSync(descriptor);
      }
    }
  }

  /** Then it is in the new manifest too, and need not be read. */
  #isKnown(path: string, stats: Stats): boolean {
    const look = lookOf(stats);
    if (this.#known?.get(path) !== look) return false;
    this.manifest.set(path, look);
    return true;
  }

  #note(path: string, stats: Stats, what: Pick<TarEntry, "type" | "data" | "target">): void {
    const look = lookOf(stats, what.target);
    this.manifest.set(path, look);
    if (this.#known?.get(path) === look) return;
    this.changed.push({ path, mode: stats.mode, mtimeSeconds: Math.floor(stats.mtimeMs / 1000), ...what });
  }

  async #contents(place: string): Promise<Buffer | undefined> {
    const descriptor = attempt(() => openSync(place, FILE));
    if (descriptor === undefined) return undefined;
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile() || stats.size > MOST_BYTES - this.#bytes) return undefined;
      const data = Buffer.alloc(stats.size);
      let at = 0;
      while (at < data.length) {
        const read = readSync(descriptor, data, at, Math.min(CHUNK_BYTES, data.length - at), at);
        if (read === 0) break;
        at += read;
        if (at < data.length) await breathe();
      }
      this.#bytes += at;
      return data.subarray(0, at);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** The place of a name in a folder that is open; of the folder itself when the name is empty. */
type Inside = (name: string) => string;

/** By the descriptor, so that it is that very folder, wherever its path leads by now. Only Linux has that; elsewhere learners are who runs this. */
function insideOf(descriptor: number, path: string): Inside {
  const folder = process.platform === "linux" ? `/proc/self/fd/${descriptor}/` : path;
  return (name) => (name === "" ? folder : join(folder, name));
}

function withFolder(path: string, look: (inside: Inside, names: string[]) => void): void {
  const descriptor = attempt(() => openSync(path, FOLDER));
  if (descriptor === undefined) return;
  try {
    const inside = insideOf(descriptor, path);
    look(inside, namesIn(inside("")));
  } finally {
    closeSync(descriptor);
  }
}

/** Sorted, so that two saves of the same are the same. */
function namesIn(folder: string): string[] {
  return attempt(() => readdirSync(folder).sort()) ?? [];
}

function readFile(place: string, most: number): Buffer | undefined {
  const descriptor = attempt(() => openSync(place, FILE));
  if (descriptor === undefined) return undefined;
  try {
    if (!fstatSync(descriptor).isFile()) return undefined;
    const data = Buffer.alloc(most);
    return data.subarray(0, readSync(descriptor, data));
  } finally {
    closeSync(descriptor);
  }
}

/** Its time of change cannot be set by whoever owns it. */
function lookOf(stats: Stats, target = ""): string {
  const type = stats.isDirectory() ? "d" : stats.isFile() ? "f" : "l";
  // A folder's size and times change with what is in it, which is looked at by itself.
  const rest = type === "d" ? "" : ` ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  return `${type}${(stats.mode & 0o7777).toString(8)}${rest} ${target}`;
}

/** Undefined when it has gone, or cannot be opened as what it was. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
