import { isGone, StatusError } from "../api/status";
import type { Status } from "../api/generated/kubernetes";
import type { KubeObject, Resource, Stored } from "../api/object";
import type { Watch, WatchEvent } from "../api/request";
import type { Clock, Timer } from "../clock";
import type { Client, ListOptions } from "./client";

/** Where a reflector puts what it learns. */
export interface ReflectorTarget<T extends KubeObject> {
  /** The whole collection, after a list. */
  replace(objects: readonly Stored<T>[]): void;
  changed(type: "ADDED" | "MODIFIED" | "DELETED", object: Stored<T>): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly clock: Clock;
  readonly resource: Resource<T>;
  readonly namespace?: string;
  readonly selector?: Pick<ListOptions, "labelSelector" | "fieldSelector">;
  readonly target: ReflectorTarget<T>;
}

/**
 * Keeps a target equal to a collection: lists, watches from there, goes on where an ended watch stopped, and lists
 * again when the server no longer knows that revision (410). Failures back off from 0.8 s to 30 s, as client-go does.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  #state: "idle" | "running" | "stopped" = "idle";
  #watch: Watch | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  /** Where the next watch starts; "" asks for a new list. */
  #resourceVersion = "";

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** Idempotent. Resolves after the first attempt, successful or not. */
  async start(): Promise<void> {
    if (this.#state !== "idle") return;
    this.#state = "running";
    await this.#run();
  }

  stop(): void {
    this.#state = "stopped";
    this.#watch?.stop();
    this.#watch = undefined;
    this.#retry?.cancel();
  }

  async #run(): Promise<void> {
    try {
      if (this.#resourceVersion === "") await this.#list();
      if (!this.#isRunning()) return;
      await this.#startWatch();
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    }
  }

  async #list(): Promise<void> {
    const { client, resource, namespace = "", selector = {}, target } = this.#options;
    const list = await client.list(resource, namespace, selector);
    if (!this.#isRunning()) return;
    this.#resourceVersion = list.metadata.resourceVersion;
    target.replace(list.items);
  }

  async #startWatch(): Promise<void> {
    const { client, resource, namespace = "", selector = {} } = this.#options;
    const watch = await client.watch(
      resource,
      namespace,
      { ...selector, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true },
      { event: (event) => this.#event(event), closed: (error) => this.#closed(error) },
    );
    if (this.#isRunning()) this.#watch = watch;
    else watch.stop();
  }

  #event(event: WatchEvent<Stored<T>>): void {
    if (!this.#isRunning()) return;
    if (event.type === "ERROR") {
      this.#watch?.stop();
      this.#failed(new StatusError(asStatus(event.object)));
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    if (event.type !== "BOOKMARK") this.#options.target.changed(event.type, event.object);
  }

  #closed(error: Error | undefined): void {
    if (!this.#isRunning()) return;
    if (error) this.#failed(error);
    // An ended watch goes on at the next turn: never from inside the server's call.
    else this.#retry = this.#options.clock.schedule(0, () => void this.#run());
  }

  #failed(error: unknown): void {
    if (!this.#isRunning()) return;
    if (isGone(error)) this.#resourceVersion = "";
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LAST_RETRY_MS);
    this.#failures++;
    this.#retry?.cancel();
    this.#retry = this.#options.clock.schedule(delay, () => void this.#run());
  }

  #isRunning(): boolean {
    return this.#state === "running";
  }
}

const FIRST_RETRY_MS = 800;
const LAST_RETRY_MS = 30_000;

/** An ERROR event carries a Status where others carry an object: both are one wire field. */
function asStatus(object: unknown): Status {
  return object as Status;
}
