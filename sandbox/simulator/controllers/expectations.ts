import type { Clock } from "../clock";

/**
 * What a controller has asked for but not yet seen in its cache, per object it reconciles. Until all of it is seen a
 * `sync` must not create or delete more, or a stale cache would make it do its work twice. As in client-go, what was
 * never seen is forgotten after five minutes.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { creations: number; deletions: Set<string>; since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  satisfied(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return true;
    if (entry.creations <= 0 && entry.deletions.size === 0) return true;
    return this.#clock.now() - entry.since > EXPIRES_MS;
  }

  expectCreations(key: string, count: number): void {
    this.expect(key, count, []);
  }

  expectDeletions(key: string, objectKeys: readonly string[]): void {
    this.expect(key, 0, objectKeys);
  }

  expect(key: string, creations: number, deletions: readonly string[]): void {
    this.#entries.set(key, { creations, deletions: new Set(deletions), since: this.#clock.now() });
  }

  /** One of the expected objects came, or its creation failed. */
  creationObserved(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) entry.creations--;
  }

  /** The object is going or gone, or its deletion failed. */
  deletionObserved(key: string, objectKey: string): void {
    this.#entries.get(key)?.deletions.delete(objectKey);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}

const EXPIRES_MS = 300_000;
