import { z } from "zod";
import { sandboxViewSchema } from "./sandbox-view";
import { taskVerdictSchema } from "./verdict";

/**
 * What `/ws/sandbox` pushes to the browser, one JSON text message each: first `sandbox` and `verdicts` as they stand,
 * then each again whenever it changes. After the sandbox has stopped the socket is closed with CLOSE.stopped. The
 * browser sends nothing; a message from it is refused with CLOSE.malformed.
 */
export const sandboxEventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("sandbox"), sandbox: sandboxViewSchema }),
  /** All tasks of the lesson. */
  z.object({ type: z.literal("verdicts"), verdicts: z.array(taskVerdictSchema) }),
  /** How many watch its terminals by a link; not told as long as nobody does. */
  z.object({ type: z.literal("watchers"), count: z.number().int().nonnegative() }),
]);
export type SandboxEvent = z.infer<typeof sandboxEventSchema>;

/** `undefined` for anything that is not an event of this version. */
export function parseSandboxEvent(message: string): SandboxEvent | undefined {
  try {
    return sandboxEventSchema.safeParse(JSON.parse(message)).data;
  } catch {
    return undefined; // not JSON
  }
}
