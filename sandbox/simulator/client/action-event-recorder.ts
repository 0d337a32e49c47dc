import type { Event } from "../api/generated/kubernetes";
import { isNotFound } from "../api/status";
import { toMicroTime } from "../clock";
import { EventNames, referenceTo, type EventSubject } from "./event-reference";
import type { EventRecorderOptions, EventType } from "./event-recorder";
import { EVENTS } from "./resources";

/**
 * Events as the newer `events.k8s.io` recorder writes them (the scheduler's): one time, an action, and a series instead
 * of a count once the same thing is said again about the same revision of an object.
 */
export class ActionEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #names: EventNames;
  readonly #series = new Map<string, { name: string; count: number; at: number }>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#names = new EventNames(options.clock);
  }

  event(subject: EventSubject, type: EventType, reason: string, action: string, message: string): void {
    const { clock, component, host } = this.#options;
    const involvedObject = referenceTo(subject);
    const event: Event = {
      metadata: { name: this.#names.next(involvedObject), namespace: involvedObject.namespace ?? "default" },
      involvedObject,
      reason,
      action,
      message,
      source: {},
      eventTime: toMicroTime(clock.now()),
      type,
      reportingComponent: component,
      reportingInstance: host === undefined ? component : `${component}-${host}`,
    };
    const key = [type, action, reason, JSON.stringify(involvedObject)].join("|");
    this.#writing = this.#writing.then(() => this.#write(key, event));
  }

  flushed(): Promise<void> {
    return this.#writing;
  }

  async #write(key: string, event: Event): Promise<void> {
    const { client, clock } = this.#options;
    this.#forgetEnded();
    const { namespace = "", name = "" } = event.metadata;
    try {
      const known = this.#series.get(key);
      if (known) {
        const series = { count: known.count + 1, lastObservedTime: toMicroTime(clock.now()) };
        await client.patch(EVENTS, { namespace, name: known.name }, { type: "strategic", body: { series } });
        this.#series.set(key, { name: known.name, count: series.count, at: clock.now() });
        return;
      }
    } catch (error) {
      if (!isNotFound(error)) return;
    }
    try {
      await client.create(EVENTS, event);
      this.#series.set(key, { name, count: 1, at: clock.now() });
    } catch {
      // Events are best effort: a namespace that is going away refuses them.
    }
  }

  /** A series ends when nothing was added to it for six minutes, as in client-go. */
  #forgetEnded(): void {
    for (const [key, { at }] of this.#series) {
      if (this.#options.clock.now() - at < SERIES_MS) return;
      this.#series.delete(key);
    }
  }
}

const SERIES_MS = 360_000;
