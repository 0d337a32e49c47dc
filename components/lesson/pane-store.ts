export type Pane = "read" | "terminal";

const STORAGE_KEY = "slipway.split";
export const SPLIT = { least: 30, most: 70, usual: 46 } as const;

export interface PaneState {
  /** Which pane a phone shows; wider screens show both. */
  shown: Pane;
  /** Width of the prose, in per cent. */
  split: number;
}

const INITIAL: PaneState = { shown: "read", split: SPLIT.usual };

/** How the workspace is divided. The width is kept for the next visit. */
export class PaneStore {
  readonly #listeners = new Set<() => void>();
  #state = INITIAL;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): PaneState => this.#state;

  static readonly initial = (): PaneState => INITIAL;

  show(pane: Pane): void {
    this.#set({ ...this.#state, shown: pane });
  }

  setSplit(split: number): void {
    const held = Math.round(Math.min(SPLIT.most, Math.max(SPLIT.least, split)) * 10) / 10;
    this.#set({ ...this.#state, split: held });
    try {
      localStorage.setItem(STORAGE_KEY, String(held));
    } catch {
      // Storage can be refused; the width then lasts for this page.
    }
  }

  /** Takes up the width of the last visit. */
  restore(): void {
    try {
      const kept = Number(localStorage.getItem(STORAGE_KEY) ?? Number.NaN);
      if (kept >= SPLIT.least && kept <= SPLIT.most) this.#set({ ...this.#state, split: kept });
    } catch {
      // Storage can be refused; the usual width will do.
    }
  }

  #set(state: PaneState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
