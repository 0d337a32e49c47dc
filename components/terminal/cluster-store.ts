import type { Driver } from "@/sandbox/protocol/sandbox-view";
import type { Clusters } from "./clusters";

export interface ClusterChoice {
  /** Nothing to choose between when there is one, or none yet. */
  readonly choices: readonly Driver[];
  /** Absent until the server has said what there is. */
  readonly chosen: Driver | undefined;
}

const UNKNOWN: ClusterChoice = { choices: [], chosen: undefined };

/** Which kind of cluster the learner wants for their next sandbox. */
export class ClusterStore {
  readonly #listeners = new Set<() => void>();
  #state = UNKNOWN;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): ClusterChoice => this.#state;

  static readonly initial = (): ClusterChoice => UNKNOWN;

  /** What was chosen before stays chosen as long as it is there. */
  offer({ choices, preset }: Clusters): void {
    const { chosen } = this.#state;
    this.#set({ choices, chosen: chosen !== undefined && choices.includes(chosen) ? chosen : preset });
  }

  choose(driver: Driver): void {
    if (this.#state.choices.includes(driver)) this.#set({ ...this.#state, chosen: driver });
  }

  #set(state: ClusterChoice): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
