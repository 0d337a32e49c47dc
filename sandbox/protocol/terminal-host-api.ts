import { z } from "zod";
import { bytesSchema } from "./bytes";
import { MAX_COLUMNS, MAX_ROWS } from "./terminal-frames";

/**
 * The terminal-host's API, HTTP over `<stateDir>/terminal-host.sock`; refusals are `ErrorBody`.
 *
 *   GET    /v1/hello                        → Greeting
 *   POST   /v1/terminals                    TerminalCreate → 201 TerminalView; 409 already-exists when one with this id runs
 *   GET    /v1/terminals                    → TerminalList
 *   GET    /v1/terminals/:id                → TerminalView; 404 terminal-not-found
 *   DELETE /v1/terminals/:id                → 204, its processes hung up then killed; 204 again when there is none
 *   GET    /v1/terminals/:id/output?from=   → TerminalOutput: what is still there of it from that byte on, packed
 *   GET    /v1/terminals/:id/attach?from=&watch=  upgrade to WebSocket `slipway.v1` (terminal-frames.ts)
 */
export const terminalIdSchema = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/);

export const terminalSizeSchema = z.object({
  columns: z.number().int().min(1).max(MAX_COLUMNS),
  rows: z.number().int().min(1).max(MAX_ROWS),
});
export type TerminalSize = z.infer<typeof terminalSizeSchema>;

export const terminalCreateSchema = z.strictObject({
  id: terminalIdSchema,
  argv: z.array(z.string().max(4096)).min(1).max(256),
  /** The whole environment of the process: nothing is inherited. */
  env: z.record(z.string().max(256), z.string().max(32_768)),
  cwd: z.string().startsWith("/"),
  ...terminalSizeSchema.shape,
  /** Output of an earlier terminal that this one goes on from, base64: shown before its own. */
  scrollback: z
    .base64()
    .max(1024 * 1024)
    .default(""),
});
export type TerminalCreateBody = z.input<typeof terminalCreateSchema>;
export type TerminalCreate = z.infer<typeof terminalCreateSchema>;

export const terminalViewSchema = z.object({
  id: terminalIdSchema,
  state: z.discriminatedUnion("phase", [
    z.object({ phase: z.literal("running"), pid: z.number().int().positive() }),
    z.object({ phase: z.literal("exited"), code: z.number().int() }),
  ]),
  ...terminalSizeSchema.shape,
  viewers: z.number().int().nonnegative(),
  /** Bytes of output so far: the `seq` of the next byte. */
  seq: z.number().int().nonnegative(),
  createdAt: z.iso.datetime(),
  /** The last keystroke; null before the first. */
  lastInputAt: z.iso.datetime().nullable(),
});
export type TerminalView = z.infer<typeof terminalViewSchema>;

export const terminalOutputQuerySchema = z.object({ from: z.coerce.number().int().nonnegative() });
export const terminalOutputSchema = z.object({
  /** Offset of the first byte; later than asked for when those before it are lost. */
  from: z.number().int().nonnegative(),
  bytes: bytesSchema,
});
export type TerminalOutput = z.infer<typeof terminalOutputSchema>;

export const terminalListSchema = z.object({ terminals: z.array(terminalViewSchema) });
export type TerminalList = z.infer<typeof terminalListSchema>;

/** Query of the attach upgrade. */
export const terminalAttachQuerySchema = z.object({
  from: z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
  /** Sees everything; what it sends but acknowledgements is not taken. */
  watch: z.literal("1").optional(),
});
