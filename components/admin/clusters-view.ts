import { z } from "zod";
import { driverSchema, type Driver } from "@/sandbox/protocol/sandbox-view";

export const personSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(["learner", "author", "admin"]),
  createdAt: z.iso.datetime(),
  /** Besides what everybody gets. */
  allowed: z.array(driverSchema),
});
/** An account, and what kinds of clusters it may choose. */
export type ClusterPerson = z.infer<typeof personSchema>;

/** A kind of cluster, as the machine and the manager stand to it. */
export interface DriverRow {
  driver: Driver;
  /** Who gets it: everybody, everybody besides something else, whom an admin allows, nobody here. */
  given: "everybody" | "besides" | "allowed" | "nobody";
  /** What the doctor said; absent where nobody has asked. */
  works: boolean | undefined;
  found: string | undefined;
  remedy: string | undefined;
  /** Why the manager could not start it. */
  trouble: string | undefined;
}

export interface AdminClusters {
  drivers: DriverRow[];
  lookedAt: string | null;
  people: ClusterPerson[];
  /** What an admin may allow an account. */
  toAllow: Driver[];
}

export const allowSchema = z.strictObject({ drivers: z.array(driverSchema).max(10) });
export const inviteSchema = z.strictObject({ name: z.string().trim().min(1).max(80) });
/** A path below this site; good once. */
export const invitedSchema = z.object({ path: z.string() });
