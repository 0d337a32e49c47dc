import { z } from "zod";

/** What is being done while a sandbox starts. `cluster` and `workstation` run side by side, `shell` comes last. */
export const startStepSchema = z.enum(["cluster", "workstation", "shell"]);
export type StartStep = z.infer<typeof startStepSchema>;

/**
 * What is being done while a real cluster starts, in the order in which it comes; drivers leave out what they do not do.
 */
export const clusterStepSchema = z.enum([
  "network",
  "image",
  "nodes",
  "control-plane",
  "cni",
  "storage",
  "workers",
  "namespace",
  "system",
  "objects",
]);
export type ClusterStep = z.infer<typeof clusterStepSchema>;

/** Why an admin stops a sandbox; the learner is told which. */
export const adminStopReasonSchema = z.enum(["admin-maintenance", "admin-resources", "admin-misuse", "admin-other"]);
export type AdminStopReason = z.infer<typeof adminStopReasonSchema>;

/** Why a sandbox stops or has stopped. Shown to the learner, the admin and the metrics; texts are in the catalogue. */
export const stopReasonSchema = z.enum([
  ...adminStopReasonSchema.options,
  /** The learner asked for it. */
  "learner",
  /** The learner went back to the start of a task; another goes on from there. */
  "rewound",
  /** The learner started another lesson; one sandbox each. */
  "replaced",
  /** No keystroke, command or API write for too long. */
  "idle",
  /** It reached the longest time a sandbox may live. */
  "lifetime",
  /** It waited in the queue for too long. */
  "queue-timeout",
  /** Its cluster could not be made. */
  "cluster-failed",
  /** What makes its kind of cluster, or the cluster it was to be a part of, does not answer. */
  "cluster-unavailable",
  /** This kind of cluster cannot give what the lesson needs. */
  "lesson-needs-more",
  /** Its workstation could not be made. */
  "workstation-failed",
  /** Its shell could not be started. */
  "shell-failed",
  /** Not ready before the deadline. */
  "start-timeout",
  /** The process that held its cluster is gone. */
  "cluster-lost",
  /** Its workstation is gone. */
  "workstation-lost",
  /** The installation is shutting down. */
  "shutdown",
  /** Found at start without anyone who could carry it on. */
  "orphaned",
]);
export type StopReason = z.infer<typeof stopReasonSchema>;

/** Every refusal that crosses a process, with its HTTP status. */
export const ERROR_STATUS = {
  "bad-request": 400,
  "bad-body": 400,
  "bad-frame": 400,
  "bad-checks": 422,
  "start-objects-refused": 422,
  /** The driver cannot give what the lesson asks for; `detail` says what. */
  "lesson-needs-more": 422,
  "origin-refused": 403,
  /** Shells run as the owner of the machine here; guests get none. */
  "guest-refused": 403,
  /** Real clusters are for accounts that an admin allows. */
  "driver-refused": 403,
  "ticket-missing": 401,
  "ticket-malformed": 401,
  "ticket-unknown": 401,
  "ticket-expired": 401,
  "ticket-mismatch": 403,
  "not-found": 404,
  "sandbox-not-found": 404,
  "terminal-not-found": 404,
  "cluster-not-found": 404,
  "service-not-found": 404,
  "method-not-allowed": 405,
  "already-exists": 409,
  "sandbox-not-ready": 409,
  "sandbox-stopped": 410,
  "body-too-large": 413,
  "upgrade-required": 426,
  "address-limit": 429,
  "queue-full": 429,
  "too-many-connections": 429,
  "host-full": 503,
  "driver-unavailable": 503,
  "protocol-mismatch": 502,
  "instance-mismatch": 502,
  /** The pod behind a Service refuses the connection. */
  "connection-refused": 502,
  /** Nothing answers a connection to the pod behind a Service. */
  "connection-timeout": 504,
  /** A Service has nobody who is ready behind it. */
  "no-endpoints": 503,
  "peer-unreachable": 502,
  "start-failed": 500,
  /** It took longer than it may. */
  "start-timeout": 504,
  /** What was saved cannot be brought back. */
  "restore-failed": 500,
  internal: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

export const errorCodeSchema = z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]);

/** The body of every refusal. `detail` is for logs and developers, never shown to a learner. */
export const errorBodySchema = z.object({
  error: z.object({ code: errorCodeSchema, detail: z.string().max(2000).optional() }),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

/** A refusal that names its reason by code. */
export class SandboxError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    super(detail === undefined ? code : `${code}: ${detail}`, options);
    this.name = "SandboxError";
    this.code = code;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  toBody(): ErrorBody {
    return { error: { code: this.code, detail: this.message.slice(0, 2000) } };
  }
}
