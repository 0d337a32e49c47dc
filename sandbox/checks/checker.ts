import type { ChecksDocument } from "../protocol/checks";
import type { TaskVerdict } from "../protocol/verdict";
import { evaluate, unseen } from "./evaluate";
import type { ObjectSource } from "./object-source";
import { Snapshot } from "./snapshot";
import { watchedKinds } from "./watched-kinds";

/** How long changes are gathered before they are judged: a rollout makes many at once. */
export const GATHER_MS = 50;

/** The part of a clock that a checker needs. */
export interface Scheduler {
  schedule(delayMs: number, callback: () => void): { cancel(): void };
}

/** Watches one cluster for one lesson and tells, soon after a change, how the tasks stand. */
export class Checker {
  readonly #document: ChecksDocument;
  readonly #scheduler: Scheduler;
  readonly #onVerdicts: (verdicts: readonly TaskVerdict[]) => void;
  readonly #snapshot = new Snapshot();
  readonly #kinds;
  readonly #unsubscribe: (() => void)[] = [];
  #verdicts: readonly TaskVerdict[];
  #pending: { cancel(): void } | undefined;
  #state: "watching" | "stopped" = "watching";

  /** `onVerdicts` is called with all tasks whenever anything about one of them is different from before. */
  constructor(
    document: ChecksDocument,
    source: ObjectSource,
    scheduler: Scheduler,
    onVerdicts: (verdicts: readonly TaskVerdict[]) => void,
  ) {
    this.#document = document;
    this.#scheduler = scheduler;
    this.#onVerdicts = onVerdicts;
    this.#verdicts = unseen(document);
    this.#kinds = document.checks.length === 0 ? [] : watchedKinds(document.checks);
    for (const kind of this.#kinds) {
      this.#unsubscribe.push(
        source.subscribe(
          kind,
          this.#snapshot.sink(kind, () => this.#changed()),
        ),
      );
    }
  }

  /** All tasks as they were last judged. */
  get verdicts(): readonly TaskVerdict[] {
    return this.#verdicts;
  }

  stop(): void {
    this.#state = "stopped";
    this.#pending?.cancel();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  #changed(): void {
    if (this.#state === "stopped") return;
    this.#pending ??= this.#scheduler.schedule(GATHER_MS, () => {
      this.#pending = undefined;
      this.#judge();
    });
  }

  #judge(): void {
    if (!this.#snapshot.isComplete(this.#kinds)) return;
    const verdicts = evaluate(this.#document, this.#snapshot);
    if (JSON.stringify(verdicts) === JSON.stringify(this.#verdicts)) return;
    this.#verdicts = verdicts;
    this.#onVerdicts(verdicts);
  }
}
