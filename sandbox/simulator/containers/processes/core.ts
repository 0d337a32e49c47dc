/**
 * The processor that the programs of containers share. They run on the one thread that also answers everyone's
 * kubectl, so they work in short turns. Clusters of one process share theirs: what one of them may burn does not grow with their
 * number.
 */
export class Core {
  #turn: Turn | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Work that has not been paid for with pauses yet, and when that was so. */
  #debtMs = 0;
  #debtAt = 0;

  readonly #share: number;

  /**
   * `share` is the part of the thread's time that is left to programs which never stop, all together: beyond a credit
   * they are made to pause between turns. With 1 they only let others run in between.
   */
  constructor({ share = 1 }: { readonly share?: number } = {}) {
    this.#share = share;
  }

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
    this.#debtMs = Math.max(0, this.#debtMs - (now - this.#debtAt) * this.#share) + usedMs;
    this.#debtAt = now;
    const pauseMs = this.#debtMs < CREDIT_MS ? 0 : Math.min(usedMs / this.#share - usedMs, LONGEST_PAUSE_MS);
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
/** What a process that others depend on gives to programs which never stop. */
export const SHARED_PROCESS = { share: 0.2 } as const;
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
