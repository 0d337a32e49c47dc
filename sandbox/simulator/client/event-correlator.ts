import type { ObjectReference } from "../api/generated/kubernetes";
import type { Clock } from "../clock";

export interface ObservedEvent {
  readonly source: string;
  readonly involvedObject: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

export type Correlation = { kind: "drop" } | { kind: "record"; key: string; message: string };

/** Client-go's figures (https://pkg.go.dev/k8s.io/client-go/tools/record#CorrelatorOptions). */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
const COMBINE_AFTER = 10;
const COMBINE_WITHIN_MS = 600_000;
const REMEMBERED = 1024;

/** Decides what becomes of an event: a new one, one more of a kind, combined with others, or none at all. */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Recent<{ tokens: number; at: number }>();
  readonly #alike = new Recent<{ messages: Set<string>; at: number }>();
  readonly #seen = new Recent<{ name: string; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  correlate(event: ObservedEvent): Correlation {
    const { apiVersion, kind, namespace, name, uid, fieldPath } = event.involvedObject;
    const about = [event.source, apiVersion, kind, namespace, name, uid].join("|");
    if (!this.#takeToken(about)) return { kind: "drop" };
    const aggregate = [about, event.type, event.reason].join("|");
    const alike = this.#alike.get(aggregate);
    const now = this.#clock.now();
    const current = alike && now - alike.at <= COMBINE_WITHIN_MS ? alike : { messages: new Set<string>(), at: now };
    current.messages.add(event.message);
    this.#alike.set(aggregate, { messages: current.messages, at: now });
    if (current.messages.size < COMBINE_AFTER) {
      return { kind: "record", key: [aggregate, fieldPath, event.message].join("|"), message: event.message };
    }
    return { kind: "record", key: aggregate, message: `(combined from similar events): ${event.message}` };
  }

  /** What `recorded` last said for the key. */
  seen(key: string): { name: string; count: number } | undefined {
    return this.#seen.get(key);
  }

  recorded(key: string, event: { name: string; count: number }): void {
    this.#seen.set(key, event);
  }

  #takeToken(about: string): boolean {
    const now = this.#clock.now();
    const before = this.#buckets.get(about) ?? { tokens: SPAM_BURST, at: now };
    const tokens = Math.min(SPAM_BURST, before.tokens + (now - before.at) / SPAM_REFILL_MS);
    this.#buckets.set(about, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}

/** A bounded map that forgets what was used longest ago. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= REMEMBERED) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
