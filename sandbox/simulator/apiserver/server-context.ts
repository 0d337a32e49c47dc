import type { Lease } from "../api/generated/kubernetes";
import type { KubeObject, Stored } from "../api/object";
import type { Clock } from "../clock";
import type { Random } from "../random";
import type { CollectionRef } from "../registry/references";
import type { StrategyContext } from "../registry/strategy";
import type { Admission } from "./admission/admission";
import type { Authorizer } from "./authorization";
import type { EventLines } from "./event-lines";
import type { WebhookAnswer, WebhookCall } from "./admission/webhook/webhook-call";
import type { ServedResources } from "./served-resources";
import type { Storage } from "./storage";
import { collectionOf, storageKey } from "./target";

/** What every handler works with. */
export interface ServerContext {
  readonly storage: Storage;
  readonly resources: ServedResources;
  readonly clock: Clock;
  readonly random: Random;
  readonly admission: readonly Admission[];
  readonly authorizer: Authorizer;
  readonly lines: EventLines;
  /** A lease as it is now: whoever lives renews theirs, without anything being written. */
  readonly renewed?: (lease: Stored<Lease>) => Stored<Lease>;
  /** Warnings of the request in hand. */
  readonly warn?: (text: string) => void;
  /** How the request in hand calls webhooks. */
  readonly reach?: (call: WebhookCall) => WebhookAnswer;
}

export function strategyContext({ storage, clock, random }: ServerContext, dryRun = false): StrategyContext {
  return {
    clock,
    random,
    dryRun,
    // A collection holds only what was decoded as its kind.
    lookup: <T extends KubeObject>({ group, name: resource }: CollectionRef<T>, namespace: string, name: string) =>
      storage.get(collectionOf(group, resource), storageKey(namespace, name)) as Stored<T> | undefined,
    list: <T extends KubeObject>({ group, name }: CollectionRef<T>, namespace: string) =>
      storage.list(collectionOf(group, name), namespace).items as Stored<T>[],
  };
}
