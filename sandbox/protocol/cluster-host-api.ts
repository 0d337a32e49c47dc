import { z } from "zod";
import { addonsSchema } from "./addons";
import { bytesSchema } from "./bytes";
import { checksDocumentSchema } from "./checks";
import { clusterStepSchema } from "./codes";
import { faultsSchema } from "./faults";
import type { Driver } from "./sandbox-view";
import { taskVerdictSchema } from "./verdict";

/**
 * A cluster-host's API, HTTP over `<stateDir>/cluster-host-<n>.sock`; refusals are `ErrorBody`. Only the manager
 * reaches it.
 *
 *   GET    /v1/hello          → Greeting
 *   POST   /v1/clusters            ClusterCreate → 201 ClusterMade once it is ready: nodes Ready, start objects in; with
 *                                  `wait: false` once its socket is there, requests to it wait until it is ready.
 *                                  409 already-exists, 503 host-full, 422 start-objects-refused
 *   GET    /v1/clusters/:id/ready  → ClusterMade once it is ready, or why it never will be; 404 cluster-not-found
 *   GET    /v1/clusters            → ClusterList: those that are ready
 *   GET    /v1/clusters/:id/save?since= → ClusterSave: what changed since that save, or all, packed; 204 when nothing did
 *   GET    /v1/clusters/:id/services → ServiceList: what may be dialled
 *   GET    /v1/clusters/:id/services/events  NDJSON of ServiceList: as it is, then whenever it is another
 *   GET    /v1/clusters/:id/dial?namespace=&service=&port=  upgrade, TUNNEL_PROTOCOL: bytes to and from that Service's port.
 *                                  404 service-not-found, 503 no-endpoints, 502 connection-refused, 504 connection-timeout
 *   DELETE /v1/clusters/:id        → 204, its sockets gone; 204 again when there is none
 *   GET    /v1/events              NDJSON of ClusterEvent: the verdicts of every cluster as they stand, then what changes
 */
export const clusterCreateSchema = z.strictObject({
  sandboxId: z.uuid(),
  /** Where its API is served, TLS; the folder exists and holds nothing else. */
  socketPath: z.string().startsWith("/").max(99),
  /** Serve it on a free loopback port too: for workstations that share the host's network. */
  loopback: z.boolean().default(false),
  checks: checksDocumentSchema,
  addons: addonsSchema,
  /** What goes wrong from the start, once the start objects are in. */
  faults: faultsSchema,
  startObjects: z
    .array(z.looseObject({ apiVersion: z.string(), kind: z.string() }))
    .max(200)
    .default([]),
  /** The `data` of saves as base64, the first of them whole: the cluster goes on from there, without start objects. */
  restore: z.array(z.string()).max(1000).default([]),
  /** Whether the answer waits until the cluster is ready. */
  wait: z.boolean().default(true),
});
export type ClusterCreateBody = z.infer<typeof clusterCreateSchema>;
export interface ClusterCreate extends Omit<ClusterCreateBody, "wait" | "restore"> {
  readonly restore?: readonly string[];
}

/** The newest version of the `data` of a save that each driver writes, and reads; it reads all before it, too. */
export const CLUSTER_SAVE_FORMATS = { simulated: 1, existing: 1, kind: 1 } as const satisfies Record<Driver, number>;

/** What brings a cluster back. `data` is for its driver only to understand. */
export const clusterSaveSchema = z.object({
  /** Of `data`. */
  format: z.number().int().positive(),
  /** Where the next save goes on from. */
  revision: z.string(),
  /** Whether it stands alone; else it is what changed since the one before. */
  whole: z.boolean(),
  data: bytesSchema,
});
export type ClusterSave = z.infer<typeof clusterSaveSchema>;

export const clusterSaveQuerySchema = z.object({ since: z.string().max(100).optional() });

const objectName = z.string().min(1).max(63);

/** A TCP port of a Service in a cluster. */
export const servicePortSchema = z.object({
  namespace: objectName,
  service: objectName,
  port: z.coerce.number().int().min(1).max(65_535),
});
export type ServicePort = z.infer<typeof servicePortSchema>;

export const serviceListSchema = z.object({
  services: z.array(
    servicePortSchema.extend({
      type: z.string(),
      /** The port's. */
      name: z.string().optional(),
      /** How many endpoints are ready. */
      ready: z.number().int().nonnegative(),
    }),
  ),
});
export type ServiceList = z.infer<typeof serviceListSchema>;

export const clusterMadeSchema = z.object({
  sandboxId: z.uuid(),
  socketPath: z.string(),
  /** The admin's kubeconfig. Its server is https://127.0.0.1:6443, or the loopback port when one was asked for. */
  kubeconfig: z.string(),
});
export type ClusterMade = z.infer<typeof clusterMadeSchema>;

export const clusterListSchema = z.object({ clusters: z.array(clusterMadeSchema), capacity: z.number().int() });

export const clusterEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("verdicts"),
    sandboxId: z.uuid(),
    at: z.iso.datetime(),
    verdicts: z.array(taskVerdictSchema),
  }),
  /** The learner wrote to the API; at most one a second for each cluster. */
  z.object({ type: z.literal("activity"), sandboxId: z.uuid(), at: z.iso.datetime() }),
  /** What is being done while a cluster starts. */
  z.object({ type: z.literal("step"), sandboxId: z.uuid(), step: clusterStepSchema }),
]);
export type ClusterEvent = z.infer<typeof clusterEventSchema>;
