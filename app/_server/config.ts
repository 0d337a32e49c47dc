import { join } from "node:path";
import { z } from "zod";
import { driverSchema, type Driver } from "@/sandbox/protocol/sandbox-view";
import { spokenSchema, type ProtocolRange } from "@/sandbox/protocol/version";

const originsSchema = z
  .string()
  .transform((text) => text.split(",").map((origin) => origin.trim()))
  .pipe(z.array(z.url({ protocol: /^https?$/ })).min(1));

const environmentSchema = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** Every scheme, host and port under which people open the site, with commas between; others are refused. */
  SLIPWAY_ORIGINS: originsSchema.optional(),
  /** Where previews are shown, a name of its own for each: `https://*.preview.example.org`. */
  SLIPWAY_PREVIEW_ORIGIN: z
    .string()
    .regex(/^https?:\/\/\*(\.[a-z0-9-]+)+(:\d{1,5})?$/)
    .optional(),
  SLIPWAY_SECRET: z.string().min(32),
  SLIPWAY_INSTANCE: z.string().regex(/^[a-z0-9-]{1,40}$/),
  SLIPWAY_STATE_DIR: z.string().startsWith("/"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** As the manager has it: what a sandbox gets when nobody chooses. */
  SLIPWAY_CLUSTER_DRIVER: driverSchema.default("simulated"),
  /** As the manager has it: what else accounts may choose that an admin lets. */
  SLIPWAY_CLUSTER_CHOICE: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((name) => name !== ""))
    .pipe(z.array(driverSchema)),
  SLIPWAY_PROTOCOL_VERSION: spokenSchema,
  SLIPWAY_GUESTS_PER_HOUR: z.coerce.number().int().positive().default(120),
});

export interface Config {
  readonly development: boolean;
  readonly host: string;
  readonly port: number;
  readonly origins: readonly string[];
  /** With `*` for its first label; absent where the site is not opened on loopback and nothing is set. */
  readonly previewOrigin: string | undefined;
  readonly secret: string;
  readonly instance: string;
  readonly stateDir: string;
  readonly managerSocket: string;
  /** The versions of the protocol, with the manager. */
  readonly speaks: ProtocolRange;
  readonly databaseUrl: string;
  readonly clusterDriver: Driver;
  readonly clusterChoice: readonly Driver[];
  /** How many guests one network address may become in an hour. */
  readonly guestsPerHour: number;
}

let read: Config | undefined;

/** Of the web process, read once. Not needed while the site is built: nothing calls it then. */
export function config(): Config {
  read ??= readConfig(process.env);
  return read;
}

/** Throws an error that names every variable that is missing or wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) throw new Error(`the environment is not complete:\n${z.prettifyError(parsed.error)}`);
  const values = parsed.data;
  const origins = values.SLIPWAY_ORIGINS?.map((url) => new URL(url).origin) ?? [
    `http://localhost:${values.PORT}`,
    `http://127.0.0.1:${values.PORT}`,
  ];
  const local = origins.map((origin) => new URL(origin)).find(({ hostname }) => hostname === "localhost");
  return Object.freeze({
    development: values.NODE_ENV === "development",
    host: values.HOST,
    port: values.PORT,
    origins,
    // Browsers lead every name below localhost to this machine.
    previewOrigin: values.SLIPWAY_PREVIEW_ORIGIN ?? (local && `${local.protocol}//*.preview.${local.host}`),
    secret: values.SLIPWAY_SECRET,
    instance: values.SLIPWAY_INSTANCE,
    stateDir: values.SLIPWAY_STATE_DIR,
    managerSocket: join(values.SLIPWAY_STATE_DIR, "manager.sock"),
    speaks: values.SLIPWAY_PROTOCOL_VERSION,
    databaseUrl: values.DATABASE_URL,
    clusterDriver: values.SLIPWAY_CLUSTER_DRIVER,
    clusterChoice: values.SLIPWAY_CLUSTER_CHOICE,
    guestsPerHour: values.SLIPWAY_GUESTS_PER_HOUR,
  });
}

/** Apart from the rest, because logging must work before the rest is known to be right. */
export function logLevel(): string {
  return process.env.LOG_LEVEL ?? "info";
}
