import { existsSync, readFileSync } from "node:fs";
import type { StorageSnapshot } from "../apiserver/storage";
import type { Cluster } from "../cluster";
import { decodeSnapshot, encodeSnapshot } from "../snapshot/cluster-snapshot";
import { encodeChange, replay } from "../snapshot/journal";
import type { KeyPair } from "./certificate-authority";
import { writeWhole } from "./whole-file";
import { WriteJournal } from "./write-journal";

const LONGEST_JOURNAL_BYTES = 8 * 1024 * 1024;

/** A cluster that is being kept. */
export interface Keeping {
  /** Why what was written last is not in the journal; undefined when all is. Tries once more before it answers. */
  fault(): unknown;
  stop(): void;
}

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

  /**
   * Keeps the cluster from now on: each write is in the journal before it is answered. When that has grown long, a new
   * snapshot takes its place.
   */
  async keep(cluster: Pick<Cluster, "follow" | "snapshot">, { cert, key }: KeyPair): Promise<Keeping> {
    writeWhole(this.#authority, JSON.stringify({ cert, key }));
    const journal = new WriteJournal(this.#journal);
    let renewing = false;
    const renew = async (): Promise<void> => {
      renewing = true;
      try {
        journal.hold();
        // A journal that is older than the snapshot does no harm, so the snapshot comes first.
        writeWhole(this.#path, await encodeSnapshot(cluster.snapshot()));
        journal.renew();
      } finally {
        renewing = false;
      }
    };
    const unfollow = cluster.follow((change) => {
      journal.write(encodeChange(change));
      // Without room for another one the long one goes on.
      if (journal.bytes > LONGEST_JOURNAL_BYTES && !renewing) void renew().catch(() => undefined);
    });
    try {
      await renew();
    } catch (error) {
      unfollow();
      throw error;
    }
    return {
      fault: () => {
        journal.flush();
        return journal.fault;
      },
      stop: () => {
        unfollow();
        journal.close();
      },
    };
  }

  get #journal(): string {
    return `${this.#path}.journal`;
  }

  get #authority(): string {
    return `${this.#path}.ca`;
  }
}
