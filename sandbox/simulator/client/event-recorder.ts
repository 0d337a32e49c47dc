import type { Event } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { isAlreadyExists, isNotFound } from "../api/status";
import { toTime, type Clock } from "../clock";
import type { Client } from "./client";
import { EventCorrelator } from "./event-correlator";
import { EventNames, referenceTo, type EventSubject } from "./event-reference";
import { EVENTS } from "./resources";

export type EventType = "Normal" | "Warning";

export interface EventRecorder {
  /** Writes an event in the background; never fails the caller. `reason` is CamelCase, `message` a sentence. */
  event(subject: EventSubject, type: EventType, reason: string, message: string): void;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** `deployment-controller`, `kubelet`, … */
  readonly component: string;
  /** The node, for components that run on each. */
  readonly host?: string;
}

/**
 * Events as client-go's classic recorder writes them: the same event again raises `count` and `lastTimestamp` of the
 * one that is there; many like events are combined; a source that says too much about one object is cut short.
 */
export class CountingEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #names: EventNames;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
    this.#names = new EventNames(options.clock);
  }

  event(subject: EventSubject, type: EventType, reason: string, message: string): void {
    const { clock, component, host } = this.#options;
    const involvedObject = referenceTo(subject);
    const decision = this.#correlator.correlate({
      source: `${component}/${host ?? ""}`,
      involvedObject,
      type,
      reason,
      message,
    });
    if (decision.kind === "drop") return;
    const now = toTime(clock.now());
    const namespace = involvedObject.namespace ?? "default";
    const event: Event = {
      metadata: { name: this.#names.next(involvedObject), namespace },
      involvedObject,
      reason,
      message: decision.message,
      source: { component, ...(host !== undefined && { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      reportingComponent: component,
      reportingInstance: host ?? "",
    };
    this.#writing = this.#writing.then(() => this.#write(decision.key, event));
  }

  /** Resolves when what was recorded so far is written. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  async #write(key: string, event: Event): Promise<void> {
    const { client } = this.#options;
    const seen = this.#correlator.seen(key);
    try {
      if (seen) {
        const body = { count: seen.count + 1, lastTimestamp: event.lastTimestamp, message: event.message };
        const target = { namespace: event.metadata.namespace ?? "", name: seen.name };
        await client.patch(EVENTS, target, { type: "strategic", body });
        this.#correlator.recorded(key, { name: seen.name, count: seen.count + 1 });
        return;
      }
    } catch (error) {
      if (!isNotFound(error)) return;
    }
    try {
      const { metadata } = await this.#create(event);
      this.#correlator.recorded(key, { name: metadata.name, count: 1 });
    } catch {
      // Events are best effort: a namespace that is going away refuses them.
    }
  }

  /** Another component may have named an event of the same object in the same millisecond. */
  async #create(event: Event): Promise<Stored<Event>> {
    const { client } = this.#options;
    try {
      return await client.create(EVENTS, event);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const name = this.#names.next(event.involvedObject);
      return this.#create({ ...event, metadata: { ...event.metadata, name } });
    }
  }
}
