import { z } from "zod";
import { stopReasonSchema } from "./codes";

const count = z.number().int().nonnegative();

/** How the manager fares; counts are since it started. */
export const managerMetricsSchema = z.object({
  /** How many sandboxes are in each phase now. */
  phases: z.object({ queued: count, starting: count, ready: count, stopping: count }),
  /** Sandboxes that have stopped, by reason. */
  stopped: z.partialRecord(stopReasonSchema, count),
  /** The last hundred starts, from admission to ready; null before the first. */
  starts: z.object({ count, p50Ms: z.number().nullable(), p95Ms: z.number().nullable() }),
  /** How long what is waiting longest to be journalled has been due; 0 when nothing is. */
  journalLagMs: z.number().nonnegative(),
  residentBytes: count,
  uptimeSeconds: z.number().nonnegative(),
});
export type ManagerMetrics = z.infer<typeof managerMetricsSchema>;
