/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, what stands in for it is not */
import type { KubeObject, Resource, Stored } from "../api/object";
import type { WatchHandler } from "../api/request";
import type { Client } from "../client/client";
import { Informer } from "../client/informer";
import type { Clock } from "../clock";

/** For tests: an informer whose collection the test writes itself, without a server. */
export async function scriptedInformer<T extends KubeObject>(
  clock: Clock,
  resource: Resource<T>,
  objects: readonly T[] = [],
): Promise<{ informer: Informer<T>; put(object: T): void; remove(object: T): void }> {
  let revision = 1;
  const stored = (object: T): Stored<T> => {
    const { name = "", namespace } = object.metadata ?? {};
    const metadata = {
      ...object.metadata,
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: String(++revision),
      creationTimestamp: "",
    };
    return { ...object, apiVersion: resource.version, kind: resource.kind, metadata };
  };
  let handler: WatchHandler<Stored<T>> | undefined;
  const client = {
    list: async () => ({
      apiVersion: "v1",
      kind: "List",
      metadata: { resourceVersion: "1" },
      items: objects.map(stored),
    }),
    watch: async (_resource: unknown, _namespace: unknown, _options: unknown, given: WatchHandler<Stored<T>>) => {
      handler = given;
      return { stop: () => undefined };
    },
  } as unknown as Client;
  const informer = new Informer(client, clock, resource);
  informer.start();
  await informer.synced();
  await Promise.resolve();
  return {
    informer,
    put: (object) => handler?.event({ type: "MODIFIED", object: stored(object) }),
    remove: (object) => handler?.event({ type: "DELETED", object: stored(object) }),
  };
}
