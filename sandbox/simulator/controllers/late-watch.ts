import type { KubeObject, Resource, Stored } from "../api/object";
import type { Watch, WatchEvent, WatchHandler } from "../api/request";
import { InProcessClient } from "../client/in-process-client";

type WatchOptions = Parameters<InProcessClient["watch"]>[2];

/** For tests: a client whose watches say nothing for a while, so that whoever reads from a cache reads old news. */
export class LateWatchClient extends InProcessClient {
  readonly #held: (() => void)[] = [];
  #isLate = false;

  /** From now on watches hold their news back. */
  hold(): void {
    this.#isLate = true;
  }

  /** Tells all that was held back, in order; watches are prompt again. */
  release(): void {
    this.#isLate = false;
    for (const tell of this.#held.splice(0)) tell();
  }

  override watch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: WatchOptions,
    handler: WatchHandler<Stored<T>>,
  ): Promise<Watch> {
    const event = (news: WatchEvent<Stored<T>>): void => {
      if (this.#isLate && resource.name !== this.#prompt) this.#held.push(() => handler.event(news));
      else handler.event(news);
    };
    return super.watch(resource, namespace, options, { ...handler, event });
  }

  readonly #prompt: string;

  /** `prompt`: the collection whose news are never late. */
  constructor(prompt: string, ...parts: ConstructorParameters<typeof InProcessClient>) {
    super(...parts);
    this.#prompt = prompt;
  }
}
