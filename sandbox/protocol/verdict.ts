import { z } from "zod";
import { checkMessageSchema } from "./check-messages";

/** What the checks say about one task now. It may turn back: what was reached once is kept by whoever stores it. */
export const taskVerdictSchema = z.object({
  taskId: z.string(),
  passed: z.boolean(),
  checks: z.array(z.object({ checkId: z.string(), passed: z.boolean(), message: checkMessageSchema.optional() })),
  /** Of the first check that does not pass; absent when the task is done. */
  message: checkMessageSchema.optional(),
});
export type TaskVerdict = z.infer<typeof taskVerdictSchema>;

/**
 * A stored verdict on its way to the web process. `sequence` grows; a reader asks for what comes after the last one it
 * has dealt with, and may see one twice after a crash: project by `id`.
 */
export const verdictEventSchema = z.object({
  id: z.uuid(),
  sequence: z.number().int().positive(),
  at: z.iso.datetime(),
  sandboxId: z.uuid(),
  userId: z.uuid(),
  lessonId: z.string(),
  revision: z.string(),
  taskId: z.string(),
  passed: z.boolean(),
  message: checkMessageSchema.nullable(),
});
export type VerdictEvent = z.infer<typeof verdictEventSchema>;
