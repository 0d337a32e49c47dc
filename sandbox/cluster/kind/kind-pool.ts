import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Clock } from "../../simulator/clock";

export interface KindPoolOptions {
  /** How many clusters are to be ready that nobody has. */
  readonly size: number;
  /** What is remembered of them, 0600: they live on when the process that made them does not. */
  readonly file: string;
  readonly clock: Pick<Clock, "schedule">;
  readonly newId: () => string;
  readonly make: (id: string, signal: AbortSignal) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  /** All clusters of this instance, by the ids they were made under. */
  readonly present: () => Promise<string[]>;
  /** One could not be made, or not be removed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

const stateSchema = z.object({
  ready: z.array(z.string()),
  /** Which of them a sandbox has. */
  taken: z.record(z.string(), z.string()),
});
type PoolState = z.infer<typeof stateSchema>;

const RETRY_AFTER_MS = 30_000;

/** Clusters in reserve, made one after the other in the background: who wants one need not wait for it. */
export class KindPool {
  readonly #options: KindPoolOptions;
  readonly #closing = new AbortController();
  #state: PoolState;
  #filling: Promise<void> = Promise.resolve();
  #making: string | undefined;
  #retry: { cancel(): void } | undefined;

  constructor(options: KindPoolOptions) {
    this.#options = options;
    this.#state = read(options.file);
  }

  /** Takes over what is left of an earlier one, then begins to fill. Half-made ones are the caller's to remove before. */
  async open(): Promise<void> {
    const present = new Set(await this.#options.present());
    this.#write({ ...this.#state, ready: this.#state.ready.filter((id) => present.has(id)) });
    this.#fill();
  }

  /** The id of a cluster that is ready, from now on this sandbox's; undefined when there is none. */
  take(sandboxId: string): string | undefined {
    const [id, ...ready] = this.#state.ready;
    if (id === undefined) return undefined;
    this.#write({ ready, taken: { ...this.#state.taken, [sandboxId]: id } });
    this.#fill();
    return id;
  }

  /** The id under which a sandbox's cluster was made. */
  idOf(sandboxId: string): string {
    return this.#state.taken[sandboxId] ?? sandboxId;
  }

  /** Whose clusters these are; those in reserve, and the one that is being made for it, are nobody's. */
  sandboxesOf(ids: readonly string[]): string[] {
    const owners = new Map(Object.entries(this.#state.taken).map(([sandboxId, id]) => [id, sandboxId]));
    const isSpare = (id: string): boolean => id === this.#making || this.#state.ready.includes(id);
    return ids.filter((id) => !isSpare(id)).map((id) => owners.get(id) ?? id);
  }

  /** The sandbox's cluster is no more. */
  forget(sandboxId: string): void {
    if (!(sandboxId in this.#state.taken)) return;
    const { [sandboxId]: _gone, ...taken } = this.#state.taken;
    this.#write({ ...this.#state, taken });
  }

  /** Ends all that nobody has taken, and what is being made. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#retry?.cancel();
    await this.#filling;
    for (const id of this.#state.ready) await this.#remove(id);
    this.#write({ ...this.#state, ready: [] });
  }

  #fill(): void {
    this.#retry?.cancel();
    this.#filling = this.#filling.then(() => this.#fillUp());
  }

  async #fillUp(): Promise<void> {
    const { size, newId, make, clock, onError } = this.#options;
    const isClosing = (): boolean => this.#closing.signal.aborted;
    while (this.#state.ready.length < size && !isClosing()) {
      const id = newId();
      this.#making = id;
      try {
        await make(id, this.#closing.signal);
        this.#write({ ...this.#state, ready: [...this.#state.ready, id] });
      } catch (error) {
        await this.#remove(id);
        if (isClosing()) return;
        onError(error);
        this.#retry = clock.schedule(RETRY_AFTER_MS, () => this.#fill());
        return;
      } finally {
        this.#making = undefined;
      }
    }
  }

  /** What stays is found by its labels when the next process starts. */
  async #remove(id: string): Promise<void> {
    await this.#options.remove(id).catch(this.#options.onError);
  }

  #write(state: PoolState): void {
    this.#state = state;
    const { file } = this.#options;
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}

/** What cannot be read is as good as nothing: the clusters are found by their labels, and removed. */
function read(file: string): PoolState {
  try {
    if (existsSync(file)) return stateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // said above
  }
  return { ready: [], taken: {} };
}
