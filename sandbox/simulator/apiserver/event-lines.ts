import type { KubeObject } from "../api/object";
import type { WatchEvent } from "../api/request";

/**
 * Watch events as lines of JSON, written once for each form however many watch. All watchers hear of a change within
 * one microtask (storage tells them), so what was written is kept that long and no longer.
 */
export class EventLines {
  readonly #written = new Map<object, Map<string, Uint8Array>>();
  readonly #encoder = new TextEncoder();

  /** `form` names all that `shape` depends on besides the object. */
  line(type: WatchEvent["type"], object: KubeObject, form: string, shape: () => object): Uint8Array {
    const key = `${type} ${form}`;
    const known = this.#written.get(object)?.get(key);
    if (known) return known;
    const line = this.write(type, shape());
    if (this.#written.size === 0) queueMicrotask(() => this.#written.clear());
    const forms = this.#written.get(object);
    if (forms) forms.set(key, line);
    else this.#written.set(object, new Map([[key, line]]));
    return line;
  }

  /** A line that is nobody else's. */
  write(type: WatchEvent["type"], object: object): Uint8Array {
    return this.#encoder.encode(`${JSON.stringify({ type, object })}\n`);
  }
}
