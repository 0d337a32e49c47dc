import type { Duplex } from "node:stream";

/** Sockets of a session that has ended are closed within a second. */
const LOOK_EVERY_MS = 700;

export interface OpenSocketsParts {
  /** Which of them have neither ended nor run out. */
  readonly livingSessions: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** It cannot be said now. */
  readonly onUnknown: (error: unknown) => void;
}

/**
 * The sockets that stay open, and whose session let them in: who is no longer signed in is let go, by one look at all of
 * them. While nobody can say who lives, they stay.
 */
export class OpenSockets {
  readonly #parts: OpenSocketsParts;
  readonly #open = new Map<Duplex, string | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(parts: OpenSocketsParts) {
    this.#parts = parts;
  }

  /** Until it closes. One without a session stays until somebody else ends it. */
  add(socket: Duplex, sessionId?: string): void {
    if (socket.destroyed) return;
    this.#open.set(socket, sessionId);
    socket.once("close", () => {
      this.#open.delete(socket);
      if (this.#sessions().length === 0) this.#stop();
    });
    if (sessionId === undefined || this.#timer) return;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Ends every socket; browsers try again by themselves. */
  close(): void {
    this.#stop();
    for (const socket of this.#open.keys()) socket.destroy();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const asked = this.#sessions();
      const living = await this.#parts.livingSessions(asked);
      const ended = new Set(asked.filter((id) => !living.has(id)));
      for (const [socket, id] of this.#open) if (id !== undefined && ended.has(id)) socket.destroy();
    } catch (error) {
      this.#parts.onUnknown(error);
    } finally {
      this.#looking = false;
    }
  }

  #sessions(): string[] {
    return [...new Set([...this.#open.values()].flatMap((id) => id ?? []))];
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
