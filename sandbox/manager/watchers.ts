import type { Duplex } from "node:stream";
import type { Sandboxes } from "./sandboxes";

interface Watching {
  readonly share: string;
  readonly socket: Duplex;
}

/** Who watches terminals by a link: counted for the learner, and let go when the link is ended or its time is over. */
export class Watchers {
  readonly #sandboxes: Pick<Sandboxes, "noteWatchers">;
  readonly #now: () => number;
  readonly #bySandbox = new Map<string, Set<Watching>>();

  constructor(sandboxes: Pick<Sandboxes, "noteWatchers">, now: () => number) {
    this.#sandboxes = sandboxes;
    this.#now = now;
  }

  /** Counts one more until its socket is closed, which happens at `until` at the latest. */
  add(sandboxId: string, share: string, socket: Duplex, until: Date): void {
    const watching: Watching = { share, socket };
    const all = this.#bySandbox.get(sandboxId) ?? new Set();
    this.#bySandbox.set(sandboxId, all.add(watching));
    const timer = setTimeout(() => socket.destroy(), Math.max(0, until.getTime() - this.#now()));
    timer.unref();
    socket.once("close", () => {
      clearTimeout(timer);
      all.delete(watching);
      if (all.size === 0) this.#bySandbox.delete(sandboxId);
      this.#sandboxes.noteWatchers(sandboxId, all.size);
    });
    this.#sandboxes.noteWatchers(sandboxId, all.size);
  }

  end(sandboxId: string, share: string): void {
    for (const watching of this.#bySandbox.get(sandboxId) ?? []) {
      if (watching.share === share) watching.socket.destroy();
    }
  }
}
