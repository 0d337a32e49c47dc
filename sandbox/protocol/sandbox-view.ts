import { z } from "zod";
import { clusterStepSchema, startStepSchema, stopReasonSchema } from "./codes";

const since = z.iso.datetime();
const cause = z.string().max(2000);

/** A sandbox's life, forward only: queued → starting → ready → stopping → stopped. */
export const sandboxStateSchema = z.discriminatedUnion("phase", [
  /** `expectedAt` is when it may start, as far as can be told. */
  z.object({
    phase: z.literal("queued"),
    since,
    position: z.number().int().positive(),
    expectedAt: z.iso.datetime().optional(),
  }),
  /** `done` holds the steps that are behind; the others are being worked on or still to come. */
  z.object({
    phase: z.literal("starting"),
    since,
    step: startStepSchema,
    done: z.array(startStepSchema),
    /** Where the cluster stands, when it takes its time. */
    cluster: clusterStepSchema.optional(),
  }),
  z.object({ phase: z.literal("ready"), since }),
  /** `cause` is for admins and logs: what went wrong, in the words of whatever went wrong. */
  z.object({ phase: z.literal("stopping"), since, reason: stopReasonSchema, cause: cause.optional() }),
  z.object({ phase: z.literal("stopped"), since, reason: stopReasonSchema, cause: cause.optional() }),
]);
export type SandboxState = z.infer<typeof sandboxStateSchema>;
export type SandboxPhase = SandboxState["phase"];

export const driverSchema = z.enum(["simulated", "kind", "existing"]);
export type Driver = z.infer<typeof driverSchema>;

/** Which lesson, as it was when the sandbox was made. */
export const lessonRefSchema = z.object({
  lessonId: z.string().min(1).max(100),
  revision: z.string().min(1).max(100),
});
export type LessonRef = z.infer<typeof lessonRefSchema>;

/** The names of one sandbox's terminals, in their order. */
export const TERMINAL_NAMES = ["main", "2", "3", "4"] as const;
export const terminalNameSchema = z.enum(TERMINAL_NAMES);
export type TerminalName = z.infer<typeof terminalNameSchema>;

/** When a ready sandbox stops if nothing happens until then, and from when on that is soon. */
export const sandboxEndSchema = z.object({
  at: since,
  warnAt: since,
  /** `idle` moves with every keystroke; `lifetime` cannot be moved. */
  reason: z.enum(["idle", "lifetime"]),
});
export type SandboxEnd = z.infer<typeof sandboxEndSchema>;

export const sandboxViewSchema = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  lesson: lessonRefSchema,
  driver: driverSchema,
  workstation: z.enum(["oci", "host"]),
  state: sandboxStateSchema,
  createdAt: z.iso.datetime(),
  /** The last keystroke, command or API write. */
  lastActiveAt: z.iso.datetime(),
  /** Null unless it is ready. */
  end: sandboxEndSchema.nullable(),
  terminals: z.array(terminalNameSchema),
  /** What happened until then comes back when the lesson is started again; null when nothing was saved. */
  savedAt: z.iso.datetime().nullable(),
});
export type SandboxView = z.infer<typeof sandboxViewSchema>;
