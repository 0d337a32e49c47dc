import type { ManagedFieldsEntry } from "./api/generated/kubernetes";
import { isJsonObject } from "./api/json";
import type { Stored } from "./api/object";
import { createApiServer } from "./apiserver/api-server";
import type { StorageSnapshot } from "./apiserver/storage";
import { bootstrapCommon } from "./bootstrap/bootstrap";
import { InProcessClient } from "./client/in-process-client";
import { FakeClock, toTime, type Clock } from "./clock";
import { SeededRandom, type Random } from "./random";

/**
 * The objects that every cluster begins with. They go through an API server once for each process; a cluster gets them
 * with identities and times of its own and shares the rest, frozen, with all others.
 */
export async function freshObjects(clock: Clock, random: Random): Promise<StorageSnapshot> {
  const { revision, collections } = await (common ??= makeCommon());
  const now = toTime(clock.now());
  return {
    revision,
    collections: collections.map(([name, objects]) => [
      name,
      objects.map(([key, object]) => [key, renewed(object, random.uuid(), now)]),
    ]),
  };
}

// The same for every cluster; nobody can change it.
let common: Promise<StorageSnapshot> | undefined;

async function makeCommon(): Promise<StorageSnapshot> {
  const clock = new FakeClock();
  const server = createApiServer({ clock, random: new SeededRandom(0) });
  const user = { username: "system:apiserver", groups: ["system:masters"] };
  await bootstrapCommon(new InProcessClient(server.handler, user, "kube-apiserver"), clock.now());
  return server.snapshot();
}

function renewed(object: Stored & { status?: unknown }, uid: string, now: string): Stored {
  const { managedFields, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      uid,
      creationTimestamp: now,
      ...(managedFields && {
        managedFields: managedFields.map((each): ManagedFieldsEntry => ({ ...each, time: now })),
      }),
    },
    ...(object.status !== undefined && { status: renewedStatus(object.status, now) }),
  };
}

/** Of what is in such a status only conditions tell a time. */
function renewedStatus(status: unknown, now: string): unknown {
  if (!isJsonObject(status) || !Array.isArray(status["conditions"])) return status;
  const conditions: unknown[] = status["conditions"];
  return {
    ...status,
    conditions: conditions.map((each) => (isJsonObject(each) ? { ...each, lastTransitionTime: now } : each)),
  };
}
