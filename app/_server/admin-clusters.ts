import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { AdminClusters, ClusterPerson, DriverRow } from "@/components/admin/clusters-view";
import { SandboxError } from "@/sandbox/protocol/codes";
import type { DriverList } from "@/sandbox/protocol/drivers";
import { driverSchema, type Driver } from "@/sandbox/protocol/sandbox-view";
import { config } from "./config";
import { database } from "./database";
import { log } from "./log";
import { manager } from "./manager-client";
import type { SessionUser } from "./session";

const MOST_PEOPLE = 500;

/** What `slipway doctor --write` leaves in the state folder. */
const doctorSchema = z.object({
  at: z.iso.datetime(),
  modes: z.array(
    z.object({
      name: z.string(),
      state: z.enum(["works", "missing"]),
      found: z.string(),
      remedy: z.string().optional(),
    }),
  ),
});
type Doctor = z.infer<typeof doctorSchema>;

/** What kinds of clusters there are, how they fare, and who may choose which. */
export async function adminClusters(): Promise<AdminClusters> {
  const [doctor, live, people] = await Promise.all([doctorSaid(), liveDrivers(), accounts()]);
  const drivers = driverSchema.options.map((driver) => driverRow(driver, doctor, live));
  return { drivers, lookedAt: doctor?.at ?? null, people, toAllow: driversToAllow() };
}

/** From now on this account may choose these; what runs goes on. @throws SandboxError `not-found`, `driver-refused` */
export async function allowClusters(
  admin: SessionUser,
  userId: string,
  wanted: readonly Driver[],
  address: string,
): Promise<ClusterPerson> {
  const others = [...new Set(wanted)].filter((driver) => driver !== "simulated").sort();
  const unknown = others.find((driver) => !driversToAllow().includes(driver));
  if (unknown) throw new SandboxError("driver-refused", unknown);
  const account = await database().user.findUnique({ where: { id: userId }, select: { isAnonymous: true } });
  if (!account || account.isAnonymous) throw new SandboxError("not-found", "no such account");
  // A plan for each set of kinds; `slipway admin --allow` makes the same.
  const slug = ["clusters", ...others].join("-");
  const drivers = ["simulated", ...others];
  const plan = await database().plan.upsert({
    where: { slug },
    create: { slug, drivers },
    update: { drivers },
    select: { id: true },
  });
  const row = await database().user.update({ where: { id: userId }, data: { planId: plan.id }, select: PERSON });
  await database().auditEvent.create({
    data: {
      actorId: admin.id,
      action: "user.allow",
      subject: "user",
      subjectId: userId,
      address,
      detail: { drivers: others.join(",") },
    },
  });
  return toPerson(row);
}

/** What is not everybody's anyway. */
function driversToAllow(): Driver[] {
  const { clusterDriver, clusterChoice } = config();
  const all = new Set<Driver>([clusterDriver, ...clusterChoice]);
  return driverSchema.options.filter(
    (driver) => driver !== "simulated" && all.has(driver) && (driver === "kind" || driver !== clusterDriver),
  );
}

const PERSON = {
  id: true,
  name: true,
  role: true,
  createdAt: true,
  plan: { select: { drivers: true } },
} as const;

async function accounts(): Promise<ClusterPerson[]> {
  const rows = await database().user.findMany({
    where: { isAnonymous: false },
    orderBy: { createdAt: "desc" },
    take: MOST_PEOPLE,
    select: PERSON,
  });
  return rows.map(toPerson);
}

function toPerson(row: {
  id: string;
  name: string;
  role: ClusterPerson["role"];
  createdAt: Date;
  plan: { drivers: string[] } | null;
}): ClusterPerson {
  const allowed = (row.plan?.drivers ?? []).flatMap((name) => driverSchema.safeParse(name).data ?? []);
  return { id: row.id, name: row.name, role: row.role, createdAt: row.createdAt.toISOString(), allowed };
}

function driverRow(driver: Driver, doctor: Doctor | undefined, live: DriverList | undefined): DriverRow {
  const { clusterDriver, clusterChoice } = config();
  const mode = doctor?.modes.find(({ name }) => name === `clusters: ${driver}`);
  const now = live?.drivers.find((one) => one.driver === driver);
  const given =
    driver === clusterDriver
      ? "everybody"
      : clusterChoice.includes(driver)
        ? "allowed"
        : driver === "simulated"
          ? "besides"
          : "nobody";
  return {
    driver,
    given,
    works: mode && mode.state === "works",
    found: mode?.found,
    remedy: mode?.remedy,
    trouble: now && !now.started ? (now.said ?? "") : undefined,
  };
}

async function doctorSaid(): Promise<Doctor | undefined> {
  try {
    const file = join(config().stateDir, "doctor.json");
    return doctorSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    log.debug({ err: error }, "nothing of the doctor");
    return undefined;
  }
}

async function liveDrivers(): Promise<DriverList | undefined> {
  try {
    return await manager.drivers();
  } catch (error) {
    log.warn({ err: error }, "manager not asked for its drivers");
    return undefined;
  }
}
