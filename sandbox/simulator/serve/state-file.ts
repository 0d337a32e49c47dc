import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import type { StorageSnapshot } from "../apiserver/storage";
import type { Cluster } from "../cluster";
import { decodeSnapshot, encodeSnapshot } from "../snapshot/cluster-snapshot";
import { encodeChange, replay } from "../snapshot/journal";
import type { KeyPair } from "./certificate-authority";
import { writeWhole } from "./whole-file";

/** Where a cluster is kept between runs: a snapshot, beside it `.journal` with each write since and `.ca`. */
export class StateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What was kept last; `undefined` when nothing was. Rejects with a `SnapshotError` for what cannot be used. */
  async read(): Promise<{ snapshot: StorageSnapshot; authority: KeyPair } | undefined> {
    if (!existsSync(this.#path)) return undefined;
    const snapshot = await decodeSnapshot(readFileSync(this.#path, "utf8"));
    const lines = existsSync(this.#journal) ? readFileSync(this.#journal, "utf8").split("\n") : [];
    if (lines.at(-1) === "") lines.pop();
    // Written by `keep`, for its owner alone.
    const authority = JSON.parse(readFileSync(this.#authority, "utf8")) as KeyPair;
    return { snapshot: replay(snapshot, lines), authority };
  }

  /** Keeps the cluster from now on: each write is in the journal before it is answered. Resolves with what ends that. */
  async keep(cluster: Cluster, { cert, key }: KeyPair): Promise<() => void> {
    writeWhole(this.#authority, JSON.stringify({ cert, key }));
    const snapshot = cluster.snapshot();
    const journal = new Journal();
    const unfollow = cluster.follow((change) => journal.write(encodeChange(change)));
    // A journal that is older than the snapshot does no harm, so the snapshot comes first.
    writeWhole(this.#path, await encodeSnapshot(snapshot));
    journal.open(this.#journal);
    return () => {
      unfollow();
      journal.close();
    };
  }

  get #journal(): string {
    return `${this.#path}.journal`;
  }

  get #authority(): string {
    return `${this.#path}.ca`;
  }
}

/** Lines of a file that may be opened after the first of them. */
class Journal {
  #file: number | undefined;
  #early: string[] = [];

  write(line: string): void {
    if (this.#file === undefined) this.#early.push(line);
    else writeSync(this.#file, `${line}\n`);
  }

  open(path: string): void {
    this.#file = openSync(path, "w", 0o600);
    for (const line of this.#early.splice(0)) this.write(line);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
