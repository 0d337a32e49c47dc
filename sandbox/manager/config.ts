import { availableParallelism, hostname, totalmem } from "node:os";
import { z } from "zod";
import { CAPACITY } from "../cluster/host/cluster-host";
import { clusterBytes, kindSchema, poolBytes } from "../cluster/kind/kind-config";
import { driverSchema, type Driver } from "../protocol/sandbox-view";
import { spokenSchema, type ProtocolRange } from "../protocol/version";

/** A sandbox in use: its cluster, a shell, a kubectl or two. What is kept back is for everything else. */
const BYTES_PER_SANDBOX = 64 * 1024 * 1024;
const BYTES_KEPT_BACK = 1024 * 1024 * 1024;

/** Of simulated clusters: their numbers are in names of files. */
const MOST_HOSTS = 64;

const minutes = (otherwise: number) => z.coerce.number().positive().max(10_080).default(otherwise);
const count = z.coerce.number().int().positive();

const environmentSchema = z.object({
  SLIPWAY_INSTANCE: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  /** Sockets are made below it: `/s/<12>/api.sock` must stay under 100 bytes. */
  SLIPWAY_STATE_DIR: z.string().startsWith("/").max(70),
  SLIPWAY_CACHE_DIR: z.string().startsWith("/"),
  /** Where the bundles of the other processes are; default: beside this one. */
  SLIPWAY_DIST: z.string().startsWith("/").optional(),
  DATABASE_URL: z.string().min(1),
  SLIPWAY_KUBECTL: z.string().startsWith("/"),
  SLIPWAY_HELM: z.string().startsWith("/"),
  /** `oci` wants root on Linux; `host` is for one user on loopback and never root. */
  SLIPWAY_WORKSTATION: z.enum(["oci", "host"]).optional(),
  /** What a sandbox's cluster is when nobody chooses. */
  SLIPWAY_CLUSTER_DRIVER: driverSchema.default("simulated"),
  /** What else accounts may choose that an admin lets: names with commas between. */
  SLIPWAY_CLUSTER_CHOICE: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((name) => name !== ""))
    .pipe(z.array(driverSchema)),
  SLIPWAY_CLUSTER_HOSTS: count.max(MOST_HOSTS).default(Math.min(availableParallelism(), 8)),
  SLIPWAY_MAX_SANDBOXES: count.default(sandboxesFor(totalmem())),
  SLIPWAY_MAX_QUEUE: z.coerce.number().int().nonnegative().default(50),
  SLIPWAY_SANDBOXES_PER_ADDRESS: count.default(10),
  SLIPWAY_IDLE_MINUTES: minutes(60),
  SLIPWAY_LIFETIME_MINUTES: minutes(480),
  SLIPWAY_PROTOCOL_VERSION: spokenSchema,
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  PATH: z.string().default("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
});

export interface ManagerConfig {
  readonly instance: string;
  /** This machine and folder: sandboxes run in a place, and only a manager there can go on with them. */
  readonly place: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly distDir: string;
  /** The versions of the protocol, with web and with the hosts. */
  readonly speaks: ProtocolRange;
  readonly databaseUrl: string;
  readonly tools: { readonly kubectl: string; readonly helm: string };
  readonly workstation: "oci" | "host";
  /** Of simulated clusters: from the beginning, and when there are as many sandboxes as there may be. */
  readonly clusterHosts: { readonly hosts: number; readonly mostHosts: number };
  /** The first is what a sandbox gets when nobody chooses. The simulated one is always there, for guests. */
  readonly drivers: readonly Driver[];
  /** What the host of real clusters gets of the environment besides `childEnv`. */
  readonly realClusterEnv: Readonly<Record<string, string>>;
  readonly limits: SandboxLimits;
  readonly logLevel: string;
  /** What child processes get of the environment. */
  readonly childEnv: Readonly<Record<string, string>>;
}

export interface SandboxLimits {
  readonly maxSandboxes: number;
  readonly maxQueue: number;
  readonly perAddress: number;
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** How many places one sandbox of a driver takes, where that is not one. */
  readonly places?: Partial<Record<Driver, number>>;
}

/** @throws ZodError that names the variable */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  process: { isRoot: boolean; platform: string; scriptDir: string },
): ManagerConfig {
  const parsed = environmentSchema.parse(environment);
  const drivers = [...new Set<Driver>([parsed.SLIPWAY_CLUSTER_DRIVER, ...parsed.SLIPWAY_CLUSTER_CHOICE, "simulated"])];
  const kind = kindSchema.parse(environment);
  const reserved = drivers.includes("kind") ? placesFor(poolBytes(kind)) : 0;
  const contained = process.isRoot && process.platform === "linux";
  return Object.freeze({
    instance: parsed.SLIPWAY_INSTANCE,
    place: `${hostname()}:${parsed.SLIPWAY_STATE_DIR}`,
    stateDir: parsed.SLIPWAY_STATE_DIR,
    cacheDir: parsed.SLIPWAY_CACHE_DIR,
    distDir: parsed.SLIPWAY_DIST ?? process.scriptDir,
    speaks: parsed.SLIPWAY_PROTOCOL_VERSION,
    databaseUrl: parsed.DATABASE_URL,
    tools: { kubectl: parsed.SLIPWAY_KUBECTL, helm: parsed.SLIPWAY_HELM },
    workstation: parsed.SLIPWAY_WORKSTATION ?? (contained ? "oci" : "host"),
    clusterHosts: {
      hosts: parsed.SLIPWAY_CLUSTER_HOSTS,
      mostHosts: Math.min(MOST_HOSTS, Math.ceil(parsed.SLIPWAY_MAX_SANDBOXES / CAPACITY)),
    },
    drivers,
    realClusterEnv: realClusterEnv(environment),
    limits: {
      maxSandboxes: Math.max(1, parsed.SLIPWAY_MAX_SANDBOXES - reserved),
      maxQueue: parsed.SLIPWAY_MAX_QUEUE,
      perAddress: parsed.SLIPWAY_SANDBOXES_PER_ADDRESS,
      idleMs: parsed.SLIPWAY_IDLE_MINUTES * 60_000,
      lifetimeMs: parsed.SLIPWAY_LIFETIME_MINUTES * 60_000,
      places: { kind: placesFor(clusterBytes(kind)) },
    },
    logLevel: parsed.LOG_LEVEL,
    childEnv: {
      PATH: parsed.PATH,
      NODE_ENV: "production",
      SLIPWAY_LOG_LEVEL: parsed.LOG_LEVEL,
      SLIPWAY_PROTOCOL_VERSION: String(parsed.SLIPWAY_PROTOCOL_VERSION.newest),
    },
  });
}

/** How to reach a cluster or an engine: for the one process that does. */
function realClusterEnv(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const passes = (name: string): boolean =>
    /^(HOME|XDG_RUNTIME_DIR|SLIPWAY_KUBECONFIG|(SLIPWAY_EXISTING|SLIPWAY_KIND|DOCKER|CONTAINER)_.*|SLIPWAY_KIND)$/.test(
      name,
    );
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && passes(name) ? [[name, value]] : [],
    ),
  );
}

function placesFor(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_SANDBOX);
}

function sandboxesFor(memoryBytes: number): number {
  return Math.max(1, Math.min(500, Math.floor((memoryBytes - BYTES_KEPT_BACK) / BYTES_PER_SANDBOX)));
}
