import type { ObjectReference } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { Clock } from "../clock";

/** What an event is about: an object, or a part of one (`spec.containers{web}`). */
export type EventSubject = KubeObject & { readonly fieldPath?: string };

export function referenceTo(subject: EventSubject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = subject.metadata ?? {};
  return {
    kind: subject.kind,
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    apiVersion: subject.apiVersion,
    resourceVersion,
    ...(subject.fieldPath !== undefined && { fieldPath: subject.fieldPath }),
  };
}

/** `<object>.<nanoseconds in hex>`; a counter in the last digits keeps names of one millisecond apart. */
export class EventNames {
  readonly #clock: Clock;
  #last = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(subject: ObjectReference): string {
    const now = BigInt(this.#clock.now()) * 1_000_000n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return `${subject.name ?? ""}.${this.#last.toString(16)}`;
  }
}
