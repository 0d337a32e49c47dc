import { z } from "zod";
import { terminalNameSchema } from "@/sandbox/protocol/sandbox-view";
import { callApi, type Answer } from "./sandbox-api";

const shareSchema = z.object({ id: z.uuid(), terminal: terminalNameSchema, expiresAt: z.iso.datetime() });
/** A link by which somebody without an account watches a terminal. */
export type TerminalShare = z.infer<typeof shareSchema>;

export const shareCreateSchema = z.strictObject({ terminal: terminalNameSchema });
export const watchSchema = z.strictObject({ token: z.string().max(100) });

const sharesSchema = z.object({ shares: z.array(shareSchema) });
const newShareSchema = shareSchema.extend({ token: z.string() });
const watchedSchema = z.object({ terminal: terminalNameSchema, expiresAt: z.iso.datetime() });
export type Watched = z.infer<typeof watchedSchema>;

export const shareApi = {
  list: (sandboxId: string): Promise<Answer<z.infer<typeof sharesSchema>>> =>
    callApi(sharesSchema, `/api/sandboxes/${sandboxId}/shares`),
  make: (sandboxId: string, terminal: TerminalShare["terminal"]): Promise<Answer<z.infer<typeof newShareSchema>>> =>
    callApi(newShareSchema, `/api/sandboxes/${sandboxId}/shares`, { terminal }),
  end: (sandboxId: string, id: string): Promise<Answer<z.infer<typeof sharesSchema>>> =>
    callApi(sharesSchema, `/api/sandboxes/${sandboxId}/shares/${id}/end`, {}),
  /** Whether a link is good, and what it shows. */
  watch: (token: string): Promise<Answer<Watched>> => callApi(watchedSchema, "/api/watch", { token }),
};
