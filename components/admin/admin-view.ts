import { z } from "zod";
import { adminStopReasonSchema } from "@/sandbox/protocol/codes";
import type { Driver, SandboxState } from "@/sandbox/protocol/sandbox-view";

export const adminStopSchema = z.strictObject({ reason: adminStopReasonSchema });
export type AdminStop = z.infer<typeof adminStopSchema>;

/** A row of the admin's table. */
export interface AdminSandboxRow {
  id: string;
  who: { guest: boolean; name: string; shortId: string };
  lesson: string;
  state: SandboxState;
  driver: Driver;
  createdAt: string;
  lastActiveAt: string;
}
