import type { TaskVerdict, VerdictEvent } from "../protocol/verdict";
import { persist } from "./persist";
import type { SandboxRecord } from "./sandbox-record";
import type { ManagerStore } from "./store";

const PAGE = 200;

/** Stores what changes about a task's being done, in order, and tells readers that have caught up. */
export class VerdictLog {
  readonly #store: Pick<ManagerStore, "insertVerdict" | "verdictsAfter">;
  readonly #onError: (error: unknown) => void;
  readonly #patienceMs: () => number;
  readonly #readers = new Set<(event: VerdictEvent) => void>();
  /** One at a time, so that the sequence in which they are stored is the one in which readers see them. */
  #writing: Promise<void> = Promise.resolve();

  constructor(
    store: Pick<ManagerStore, "insertVerdict" | "verdictsAfter">,
    onError: (error: unknown) => void,
    patienceMs: () => number = () => 0,
  ) {
    this.#store = store;
    this.#onError = onError;
    this.#patienceMs = patienceMs;
  }

  /**
   * Stores the verdicts of those tasks that pass now and did not, or did and do not. Gives the ids of those that pass
   * now and did not.
   */
  note(record: SandboxRecord, verdicts: readonly TaskVerdict[]): string[] {
    const passedNow: string[] = [];
    for (const { taskId, passed, message } of verdicts) {
      if (passed === record.passed.has(taskId)) continue;
      if (passed) {
        record.passed.add(taskId);
        passedNow.push(taskId);
      } else record.passed.delete(taskId);
      this.#writing = this.#writing.then(async () => {
        const tell = async (): Promise<void> => {
          const event = await this.#store.insertVerdict(record, { taskId, passed, message });
          for (const reader of this.#readers) reader(event);
        };
        await persist(tell, { onError: this.#onError, patienceMs: this.#patienceMs });
      });
    }
    return passedNow;
  }

  /** Everything stored after `sequence`, then what comes, until `signal` aborts. */
  async read(sequence: number, write: (event: VerdictEvent) => void, signal: AbortSignal): Promise<void> {
    let last = sequence;
    const waiting: VerdictEvent[] = [];
    let deliver = (event: VerdictEvent): void => void waiting.push(event);
    const reader = (event: VerdictEvent): void => deliver(event);
    const pass = (event: VerdictEvent): void => {
      if (event.sequence <= last) return;
      last = event.sequence;
      write(event);
    };
    this.#readers.add(reader);
    try {
      for (let page = await this.#page(last); page.length > 0 && !signal.aborted; page = await this.#page(last)) {
        page.forEach(pass);
      }
      waiting.forEach(pass);
      deliver = pass;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    } finally {
      this.#readers.delete(reader);
    }
  }

  /** Resolves when everything noted so far is stored. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #page(after: number): Promise<VerdictEvent[]> {
    return this.#store.verdictsAfter(after, PAGE);
  }
}
