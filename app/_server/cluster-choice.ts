import type { Clusters } from "@/components/terminal/clusters";
import { SandboxError } from "@/sandbox/protocol/codes";
import { driverSchema, type Driver } from "@/sandbox/protocol/sandbox-view";
import { config } from "./config";
import { database } from "./database";
import type { SessionUser } from "./session";

/** What an installation gives: to everybody, and besides that to whom an admin allows it. */
interface Given {
  readonly clusterDriver: Driver;
  readonly clusterChoice: readonly Driver[];
}

/** Between which kinds of cluster this user may choose in a lesson, and which of them is meant without a word. */
export async function clustersFor(user: SessionUser | undefined, lessonId: string): Promise<Clusters> {
  if (!user || user.guest) return clustersOf(undefined, undefined, config());
  const [account, last] = await Promise.all([
    database().user.findUnique({ where: { id: user.id }, select: { plan: { select: { drivers: true } } } }),
    database().sandbox.findFirst({
      where: { userId: user.id, lessonId },
      orderBy: { createdAt: "desc" },
      select: { driver: true },
    }),
  ]);
  return clustersOf(account?.plan?.drivers ?? [], last?.driver, config());
}

/** The kind that a sandbox gets. @throws SandboxError `driver-refused` */
export async function driverFor(user: SessionUser, lessonId: string, wanted: Driver | undefined): Promise<Driver> {
  const { choices, preset } = await clustersFor(user, lessonId);
  const driver = wanted ?? preset;
  if (!choices.includes(driver)) throw new SandboxError("driver-refused", driver);
  return driver;
}

/**
 * `allowed` is absent for guests. A cluster of the machine's own is never anybody's without an admin's word; what was
 * made in another one before does not come with a lesson, so that the last one is the first to be offered.
 */
export function clustersOf(allowed: readonly string[] | undefined, last: string | undefined, given: Given): Clusters {
  const known = allowed?.flatMap((name) => driverSchema.safeParse(name).data ?? []) ?? [];
  const offered = new Set<Driver>([given.clusterDriver, ...given.clusterChoice, "simulated"]);
  const mine = new Set(known.filter((driver) => offered.has(driver)));
  const everybodys = given.clusterDriver === "kind" && !mine.has("kind") ? "simulated" : given.clusterDriver;
  const [first = everybodys, ...others] = new Set<Driver>([
    everybodys,
    ...(allowed === undefined ? [] : ["simulated" as const, ...mine]),
  ]);
  const choices = [first, ...others];
  return { choices, preset: choices.find((driver) => driver === last) ?? first };
}
