/**
 * Keeps a busy interpreter from starving everyone else in this process: after a slice of steps it lets the event loop
 * turn, and the longer it runs without ever waiting for something, the longer it is made to pause.
 */
export class Fuel {
  #steps = 0;
  #slices = 0;

  /** Call at each step; returns a promise only when it is time to pause. */
  step(): Promise<void> | undefined {
    if (++this.#steps < STEPS_PER_SLICE) return undefined;
    this.#steps = 0;
    this.#slices++;
    return pause(this.#slices < 20 ? 0 : this.#slices < 200 ? 5 : 20);
  }

  /** It has waited of its own accord. */
  rested(): void {
    this.#steps = 0;
    this.#slices = 0;
  }
}

const STEPS_PER_SLICE = 500;

// A turn of the event loop, not simulated time: this must pass even while a test's clock stands still.
function pause(ms: number): Promise<void> {
  // eslint-disable-next-line no-restricted-syntax -- real time is what a busy loop uses up
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
