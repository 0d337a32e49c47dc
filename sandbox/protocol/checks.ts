import { z } from "zod";

/**
 * The checks of a lesson (`checks.yaml`): what the cluster must look like for each task to be done. They are read from
 * objects alone (list and watch), so they hold on any cluster. A task is done when all its checks pass; while it is
 * not, the first check that does not pass says why.
 *
 *   version: 1
 *   checks:
 *     - { id: web-runs, task: run-web, that: workloadReady, workload: { kind: Deployment, name: web }, replicas: 3 }
 *     - { id: web-replaced, task: delete-a-pod, that: podReplaced, workload: { kind: Deployment, name: web } }
 *     - { id: web-selects, task: expose-web, that: serviceSelects, service: { name: web }, ready: 3 }
 *     - { id: web-port, task: expose-web, that: field, object: { kind: Service, name: web },
 *         path: "spec.ports[0].port", equals: 80 }
 */
const dnsName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const namespace = dnsName.default("default");

/** Kinds that checks can look at; each is watched only when a check names it or an explainer needs it. */
export const checkKindSchema = z.enum([
  "Pod",
  "Service",
  "Endpoints",
  "EndpointSlice",
  "ConfigMap",
  "Secret",
  "Namespace",
  "Node",
  "ServiceAccount",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "CronJob",
  "Ingress",
  "NetworkPolicy",
  "PersistentVolumeClaim",
]);
export type CheckKind = z.infer<typeof checkKindSchema>;

/** `namespace` is ignored for kinds that have none. */
const objectRef = z.strictObject({ kind: checkKindSchema, name: dnsName, namespace });
export type ObjectRef = z.infer<typeof objectRef>;

const workloadRef = z.strictObject({
  kind: z.enum(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]),
  name: dnsName,
  namespace,
});
export type WorkloadRef = z.infer<typeof workloadRef>;

const serviceRef = z.strictObject({ name: dnsName, namespace });

const scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof scalar>;

/**
 * A way into an object: names, `[n]` for list items, `[name=web]` for the item with that field, `["a.b/c"]` for names
 * with dots. `spec.template.spec.containers[name=web].image`, `metadata.labels["app.kubernetes.io/name"]`.
 */
export const fieldPathSchema = z
  .string()
  .max(300)
  .regex(/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*|\[\d+\]|\[[A-Za-z]\w*=[^\]]+\]|\["[^"\]]+"\])*$/, "not a field path");

const common = { id, task: id };

const existsCheck = z.strictObject({ ...common, that: z.literal("exists"), object: objectRef });
const absentCheck = z.strictObject({ ...common, that: z.literal("absent"), object: objectRef });

/** One field of one object; give exactly one condition. */
const fieldCheck = z
  .strictObject({
    ...common,
    that: z.literal("field"),
    object: objectRef,
    path: fieldPathSchema,
    equals: scalar.optional(),
    notEquals: scalar.optional(),
    oneOf: z.array(scalar).min(1).optional(),
    /** Searched for in the text, without anchors of its own. */
    matches: z.string().max(200).optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    present: z.boolean().optional(),
  })
  .refine((check) => FIELD_CONDITIONS.filter((condition) => check[condition] !== undefined).length === 1, {
    message: "give exactly one of equals, notEquals, oneOf, matches, atLeast, atMost, present",
  });
export const FIELD_CONDITIONS = ["equals", "notEquals", "oneOf", "matches", "atLeast", "atMost", "present"] as const;

/** The workload wants `replicas` pods (or at least `atLeast`) and all of them are ready, at its newest revision. */
const workloadReadyCheck = z
  .strictObject({
    ...common,
    that: z.literal("workloadReady"),
    workload: workloadRef,
    replicas: z.number().int().nonnegative().optional(),
    atLeast: z.number().int().positive().optional(),
  })
  .refine((check) => check.replicas === undefined || check.atLeast === undefined, {
    message: "give replicas or atLeast, not both",
  });

/** The Service's selector matches at least `ready` ready pods — those of `workload`, when one is named. */
const serviceSelectsCheck = z.strictObject({
  ...common,
  that: z.literal("serviceSelects"),
  service: serviceRef,
  workload: workloadRef.optional(),
  ready: z.number().int().positive().default(1),
});

/** The Service has at least `ready` ready addresses in its EndpointSlices (behind `port`, when one is given). */
const endpointsReadyCheck = z.strictObject({
  ...common,
  that: z.literal("endpointsReady"),
  service: serviceRef,
  port: z.number().int().min(1).max(65_535).optional(),
  ready: z.number().int().positive().default(1),
});

/** A pod that was once ready is gone, and its controller has put another, ready, in its place. */
const podReplacedCheck = z.strictObject({ ...common, that: z.literal("podReplaced"), workload: workloadRef });

export const checkSchema = z.discriminatedUnion("that", [
  existsCheck,
  absentCheck,
  fieldCheck,
  workloadReadyCheck,
  serviceSelectsCheck,
  endpointsReadyCheck,
  podReplacedCheck,
]);
export type Check = z.infer<typeof checkSchema>;
export type CheckOf<That extends Check["that"]> = Extract<Check, { that: That }>;

export const checksDocumentSchema = z
  .strictObject({ version: z.literal(1), checks: z.array(checkSchema).max(100) })
  .refine((document) => new Set(document.checks.map((check) => check.id)).size === document.checks.length, {
    message: "check ids must differ",
  });
export type ChecksDocument = z.infer<typeof checksDocumentSchema>;
/** As an author writes it: defaults not yet filled in. */
export type ChecksDocumentInput = z.input<typeof checksDocumentSchema>;
