import { driverSchema, type Driver } from "@/sandbox/protocol/sandbox-view";
import { config } from "./config";
import { database } from "./database";
import type { SessionUser } from "./session";

/** Which kind of cluster this user gets; undefined for what everybody gets. */
export async function driverFor(user: SessionUser): Promise<Driver | undefined> {
  if (user.guest) return undefined;
  const row = await database().user.findUnique({
    where: { id: user.id },
    select: { plan: { select: { drivers: true } } },
  });
  return chosenDriver(row?.plan?.drivers, config().clusterDriver);
}

/**
 * The first kind that an admin has allowed the account, else the installation's. A cluster of the machine's own is never
 * anybody's without that.
 */
export function chosenDriver(allowed: readonly string[] | undefined, installation: Driver): Driver | undefined {
  const known = allowed?.flatMap((name) => driverSchema.safeParse(name).data ?? []) ?? [];
  if (known[0] !== undefined) return known[0];
  return installation === "kind" ? "simulated" : undefined;
}
