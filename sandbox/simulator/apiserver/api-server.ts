import type { RequestHandler } from "../api/request";
import type { Clock } from "../clock";
import type { Random } from "../random";
import { defaultTolerationSeconds } from "./admission/default-tolerations";
import { namespaceLifecycle } from "./admission/namespace-lifecycle";
import { priority } from "./admission/priority";
import { serviceAccount } from "./admission/service-account";
import { createRequestHandler } from "./handler";
import { rbacAuthorizer } from "./rbac";
import { strategyContext, type ServerContext } from "./server-context";
import { Storage, type StorageSnapshot } from "./storage";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** One cluster's API server. Nothing runs in it by itself: it answers, and its watches end with it. */
export interface ApiServer {
  readonly handler: RequestHandler;
  snapshot(): StorageSnapshot;
  /** Replaces all objects. Watches from before end with 410 when they are taken up again. */
  restore(snapshot: StorageSnapshot): void;
}

export function createApiServer({ clock, random }: ApiServerOptions): ApiServer {
  const storage = new Storage();
  const base = { storage, clock, random };
  const admission = [namespaceLifecycle, serviceAccount, defaultTolerationSeconds, priority];
  const server: ServerContext = {
    ...base,
    admission,
    authorizer: { authorize: (attributes) => authorizer.authorize(attributes) },
  };
  const authorizer = rbacAuthorizer(strategyContext(server));
  return {
    handler: createRequestHandler(server),
    snapshot: () => storage.snapshot(),
    restore: (snapshot) => storage.restore(snapshot),
  };
}
