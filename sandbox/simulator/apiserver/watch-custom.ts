import type { ApiRequest, Watch, WatchHandler } from "../api/request";
import type { ServerContext } from "./server-context";
import { DEFINITIONS } from "./served-resources";

/** A watch of a custom resource that ends when its definition goes, or no longer serves the version. */
export function watchWhileServed(
  { storage, resources }: ServerContext,
  { group, version, resource }: ApiRequest,
  handler: WatchHandler,
  start: (handler: WatchHandler) => Watch,
): Watch {
  const unsubscribe = storage.subscribe(DEFINITIONS, storage.revision, () => {
    if (resources.find(group, version, resource)) return;
    unsubscribe();
    watch.stop();
    handler.closed();
  });
  const watch = start({
    event: (event) => handler.event(event),
    closed(error) {
      unsubscribe();
      handler.closed(error);
    },
  });
  return {
    stop() {
      unsubscribe();
      watch.stop();
    },
  };
}
