import { z } from "zod";
import { addonsSchema } from "./addons";
import { checksDocumentSchema } from "./checks";
import { adminStopReasonSchema } from "./codes";
import { faultsSchema } from "./faults";
import { driverSchema, lessonRefSchema, sandboxViewSchema, terminalNameSchema } from "./sandbox-view";
import { terminalAttachQuerySchema, terminalSizeSchema } from "./terminal-host-api";

/**
 * The manager's API, HTTP over `<stateDir>/manager.sock` (or `MANAGER_URL`); refusals are `ErrorBody`. Only the web
 * process reaches it; who the user is and whether they may is settled there.
 *
 *   GET  /v1/hello                      → Greeting
 *   GET  /v1/metrics                    → ManagerMetrics (metrics.ts)
 *   GET  /v1/drivers                    → DriverList (drivers.ts)
 *   POST /v1/sandboxes                  SandboxCreate → 201 SandboxView, or 200 with the one the user already has for
 *                                       this lesson; one for another lesson is stopped with `replaced`
 *   GET  /v1/sandboxes?userId=&active=1 → SandboxList newest first; `active=1` leaves out what has stopped
 *   GET  /v1/sandboxes/:id              → SandboxView
 *   GET  /v1/sandboxes/:id/services     → ServiceList: the TCP ports of its cluster's Services; 409 when not ready
 *   GET  /v1/sandboxes/:id/services/events  NDJSON of ServiceList, as the cluster-host tells it, until the sandbox stops
 *   GET  /v1/sandboxes/:id/dial?namespace=&service=&port=  upgrade, TUNNEL_PROTOCOL, with USER_HEADER: bytes to and from
 *                                       that Service's port. As the cluster-host refuses, and 404 to other users,
 *                                       409 sandbox-not-ready, 410 sandbox-stopped, 429 too-many-connections
 *   POST /v1/sandboxes/:id/stop         SandboxStop → 202 SandboxView; stopping twice is harmless
 *   POST /v1/sandboxes/:id/extend       → SandboxView with a later end: the learner is still there. 409 when not ready
 *   GET  /v1/users/:id/journal          NDJSON of JournalLine: everything that is kept to bring the user's sandboxes back
 *   DELETE /v1/users/:id/journal        → 204, all of it gone; sandboxes that run are written down anew
 *   POST /v1/tickets                    TicketCreate → 201 Ticket
 *   GET  /v1/verdicts?after=<sequence>  NDJSON of VerdictEvent: what is stored after that one, then live, without end
 *   POST /v1/sandboxes/:id/terminals/:name/close → SandboxView without that terminal, its shell ended; not the first
 *   GET  /ws/terminal?ticket=&from=&terminal=  upgrade, `slipway.v1`: the terminal's frames, from that byte of its output
 *                                       on; a terminal that is not there yet is made
 *   GET  /ws/sandbox?ticket=            upgrade: JSON text messages, SandboxEvent
 *   GET  /ws/watch?sandbox=&terminal=&share=&until=&from=  upgrade, `slipway.v1`: what a terminal shows, to somebody who only
 *                                       watches by the link `share`, at the longest until then
 *   POST /v1/sandboxes/:id/watchers/end WatchersEnd → 204, whoever watches by that link has been let go
 *
 * The `/ws` paths come from the browser through the web process, which adds USER_HEADER.
 */
export const sandboxCreateSchema = z.strictObject({
  user: z.strictObject({ id: z.uuid(), kind: z.enum(["guest", "account"]) }),
  /** The learner's network address, for the limit per address. */
  address: z.string().min(1).max(100),
  lesson: lessonRefSchema,
  /** Absent: what this installation gives to everybody. */
  driver: driverSchema.optional(),
  checks: checksDocumentSchema,
  /** What the lesson's cluster has beyond the default. */
  addons: addonsSchema,
  /** What goes wrong in it from the start. */
  faults: faultsSchema,
  /** What the lesson puts into the cluster before the learner sees it: objects in their API form. */
  startObjects: z
    .array(z.looseObject({ apiVersion: z.string(), kind: z.string() }))
    .max(200)
    .default([]),
  /** What it puts into the learner's home: path relative to it → text. */
  files: z
    .record(
      z
        .string()
        .max(200)
        .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))[\w./-]+$/),
      z.string().max(256 * 1024),
    )
    .default({}),
  terminal: terminalSizeSchema.default({ columns: 80, rows: 24 }),
  /**
   * Absent: the sandbox that is there, or a new one that goes on where the last one for this lesson ended. Else a new
   * one that goes back to where the first of these tasks that was ever passed had just been passed, or to the lesson's
   * own start; one that is there stops with `rewound`.
   */
  from: z.strictObject({ passed: z.array(z.string().max(100)).max(100) }).optional(),
});
export type SandboxCreate = z.infer<typeof sandboxCreateSchema>;
export type SandboxCreateInput = z.input<typeof sandboxCreateSchema>;

export const sandboxListQuerySchema = z.object({
  userId: z.uuid().optional(),
  active: z.literal("1").optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export const sandboxListSchema = z.object({ sandboxes: z.array(sandboxViewSchema) });

export const sandboxStopSchema = z.strictObject({
  reason: z.enum(["learner", ...adminStopReasonSchema.options]),
  /** Who asked. */
  actorId: z.uuid(),
});
export type SandboxStop = z.infer<typeof sandboxStopSchema>;

export const ticketPurposeSchema = z.enum(["terminal", "sandbox"]);
export type TicketPurpose = z.infer<typeof ticketPurposeSchema>;

export const ticketCreateSchema = z.strictObject({
  purpose: ticketPurposeSchema,
  userId: z.uuid(),
  sandboxId: z.uuid(),
  /** Scheme, host and port of the page; the upgrade must come from there. */
  origin: z.url({ protocol: /^https?$/ }).max(300),
});
export type TicketCreate = z.infer<typeof ticketCreateSchema>;

/** Of `/ws/terminal`, besides the ticket. A terminal that is not there yet is made. */
export const terminalSocketQuerySchema = z.object({
  from: terminalAttachQuerySchema.shape.from,
  terminal: terminalNameSchema.default("main"),
});
export type TerminalSocketQuery = z.infer<typeof terminalSocketQuerySchema>;

/** Of `/ws/watch`. The web process writes it, from a link that it has found good. */
export const watchSocketQuerySchema = z.object({
  sandbox: z.uuid(),
  terminal: terminalNameSchema,
  share: z.uuid(),
  until: z.iso.datetime(),
  from: terminalAttachQuerySchema.shape.from,
});
export type WatchSocketQuery = z.infer<typeof watchSocketQuerySchema>;

export const watchersEndSchema = z.strictObject({ share: z.uuid() });

/** One thing that is kept of a user's sandboxes, as an export hands it out. `data` is base64. */
export const journalLineSchema = z.object({
  sandboxId: z.uuid(),
  lessonId: z.string(),
  createdAt: z.iso.datetime(),
  sequence: z.number().int(),
  kind: z.string(),
  part: z.string(),
  format: z.number().int(),
  whole: z.boolean(),
  mark: z.string().nullable(),
  data: z.base64(),
});
export type JournalLine = z.infer<typeof journalLineSchema>;

/** Good once, for 30 s. */
export const ticketSchema = z.object({
  ticket: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  expiresAt: z.iso.datetime(),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const verdictsQuerySchema = z.object({ after: z.coerce.number().int().nonnegative().default(0) });
