import type { Stored } from "../../api/object";

/**
 * What a controller wrote, per key, until its cache shows it. Deciding on a cache that lacks the controller's own
 * writes would make it create the same objects twice, as their names are generated.
 */
export class WrittenVersions {
  readonly #pending = new Map<string, Map<string, number>>();

  /** `cached`: what the cache shows of it by now. The news may come before the answer to the write. */
  wrote(key: string, object: Stored, cached: Stored | undefined): void {
    const version = versionOf(object);
    if (cached && versionOf(cached) >= version) return;
    this.#of(key).set(object.metadata.name, version);
  }

  removed(key: string, name: string, cached: Stored | undefined): void {
    if (cached) this.#of(key).set(name, Infinity);
  }

  observed(key: string, object: Stored): void {
    const pending = this.#pending.get(key);
    const version = pending?.get(object.metadata.name);
    if (version === undefined || versionOf(object) < version) return;
    pending?.delete(object.metadata.name);
  }

  gone(key: string, name: string): void {
    this.#pending.get(key)?.delete(name);
  }

  /** Whether the cache is still behind what was written. */
  isAhead(key: string): boolean {
    return (this.#pending.get(key)?.size ?? 0) > 0;
  }

  forget(key: string): void {
    this.#pending.delete(key);
  }

  #of(key: string): Map<string, number> {
    const pending = this.#pending.get(key) ?? new Map<string, number>();
    this.#pending.set(key, pending);
    return pending;
  }
}

function versionOf(object: Stored): number {
  return Number(object.metadata.resourceVersion);
}
