import { apiVersionOf, type KubeObject, type Stored } from "../api/object";
import type { RequestOptions, Watch, WatchEvent, WatchHandler } from "../api/request";
import type { Timer } from "../clock";
import { matcherOf, requireReached, revisionOf } from "./read";
import type { ServerContext } from "./server-context";
import type { Change } from "./storage";
import type { Target } from "./target";

const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/**
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 * Events arrive in microtasks; none after `stop` or `closed`.
 */
export function watchObjects(
  { storage, clock }: ServerContext,
  target: Target,
  options: RequestOptions,
  handler: WatchHandler,
): Watch {
  const matches = matcherOf(target, options);
  const initial = initialObjects();
  const from = initial ? storage.revision : revisionOf(options);
  let isOver = false;
  let timer: Timer | undefined;

  const send = (event: WatchEvent): void => {
    if (!isOver) handler.event(event);
  };
  // Taken now, sent later: changes that happen in between queue up behind.
  if (initial) queueMicrotask(() => sendInitial(initial));
  const unsubscribe = storage.subscribe(target.collection, from, (changes) => {
    for (const change of changes) {
      const event = eventOf(change);
      if (event) send(event);
    }
  });
  if (options.timeoutSeconds) {
    timer = clock.schedule(options.timeoutSeconds * 1000, () => {
      if (options.allowWatchBookmarks) send(bookmark(storage.revision));
      finish();
      handler.closed();
    });
  }
  const finish = (): void => {
    isOver = true;
    timer?.cancel();
    unsubscribe();
  };
  return { stop: () => (isOver ? undefined : finish()) };

  function initialObjects(): readonly Stored[] | undefined {
    const wanted = options.resourceVersion && options.resourceVersion !== "0" ? revisionOf(options) : 0;
    requireReached(wanted, storage.revision);
    if (options.sendInitialEvents === true)
      return storage.list(target.collection, target.namespace).items.filter(matches);
    if (options.sendInitialEvents === false) return wanted === 0 ? [] : undefined;
    return wanted === 0 ? storage.list(target.collection, target.namespace).items.filter(matches) : undefined;
  }

  function sendInitial(objects: readonly Stored[]): void {
    for (const object of objects) send({ type: "ADDED", object });
    if (options.sendInitialEvents && options.allowWatchBookmarks)
      send(bookmark(from, { [INITIAL_EVENTS_END]: "true" }));
  }

  /** With selectors, an object that comes to match is added, one that no longer matches is deleted. */
  function eventOf({ type, object, previous }: Change): WatchEvent | undefined {
    if (target.namespace !== "" && object.metadata.namespace !== target.namespace) return undefined;
    const was = previous !== undefined && matches(previous);
    const is = type !== "DELETED" && matches(object);
    if (is) return { type: was ? "MODIFIED" : "ADDED", object };
    if (!was) return undefined;
    if (type === "DELETED") return { type: "DELETED", object };
    const metadata = { ...previous.metadata, resourceVersion: object.metadata.resourceVersion };
    return { type: "DELETED", object: { ...previous, metadata } };
  }

  function bookmark(revision: number, annotations?: Record<string, string>): WatchEvent {
    const object: KubeObject = {
      kind: target.info.kind,
      apiVersion: apiVersionOf(target.info),
      metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
    };
    return { type: "BOOKMARK", object };
  }
}
