/**
 * The processor that the programs of containers share. They run on the one thread that also answers everyone's
 * kubectl, so they work in short turns, and who works for long is made to pause between them. Clusters of one process
 * share theirs: what one of them may burn does not grow with their number.
 */
export class Core {
  #turn: Turn | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Work that has not been paid for with pauses yet, and when that was so. */
  #debtMs = 0;
  #debtAt = 0;

  /** Call before each piece of work; returns a promise only when it is time to let others run. */
  step(): Promise<void> | undefined {
    const now = performance.now();
    const turn = this.#turn ?? this.#beginTurn(now);
    turn.until = now;
    if (!turn.isOver && now - turn.from < TURN_MS) return undefined;
    turn.isOver = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #beginTurn(now: number): Turn {
    const turn = { from: now, until: now, isOver: false };
    this.#turn = turn;
    after(0, () => this.#endTurn(turn));
    return turn;
  }

  #endTurn(turn: Turn): void {
    turn.isOver = true;
    const now = performance.now();
    const usedMs = turn.until - turn.from;
    this.#debtMs = Math.max(0, this.#debtMs - (now - this.#debtAt) * SHARE) + usedMs;
    this.#debtAt = now;
    const pauseMs = this.#debtMs < CREDIT_MS ? 0 : Math.min(usedMs / SHARE - usedMs, LONGEST_PAUSE_MS);
    if (this.#waiting.length === 0 || pauseMs === 0) this.#goOn();
    else after(pauseMs, () => this.#goOn());
  }

  #goOn(): void {
    this.#turn = undefined;
    const next = this.#waiting.splice(0, MOST_IN_A_TURN);
    // Those who are still waiting come next, even if nobody of these takes a step.
    if (this.#waiting.length > 0) this.#beginTurn(performance.now());
    for (const go of next) go();
  }
}

interface Turn {
  /** When the first step was, and the last, in milliseconds of real time. */
  readonly from: number;
  until: number;
  isOver: boolean;
}

/** How long others may have to wait for the thread, when no single step takes longer. */
const TURN_MS = 2;
/** The part of the thread's time that is left to programs which never stop, all together. */
const SHARE = 0.2;
/** What they may use at once before that. */
const CREDIT_MS = 200;
const LONGEST_PAUSE_MS = 2000;
/** Each of them does at least one step in a turn. */
const MOST_IN_A_TURN = 50;

// Real time, not simulated: this is what work uses up, and it must pass even while a test's clock stands still.
function after(ms: number, callback: () => void): void {
  // eslint-disable-next-line no-restricted-syntax -- see above
  setTimeout(callback, ms);
}
