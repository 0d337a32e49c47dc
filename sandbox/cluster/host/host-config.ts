import { z } from "zod";
import { spokenSchema, type ProtocolRange } from "../../protocol/version";
import { driverSchema, type Driver } from "../../protocol/sandbox-view";
import { CAPACITY } from "./cluster-host";
import { hostNameOf } from "./hosted-clusters";

const environmentSchema = z.object({
  SLIPWAY_INSTANCE: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  SLIPWAY_STATE_DIR: z.string().startsWith("/").max(75),
  /** Whose clusters it holds. */
  SLIPWAY_DRIVER: driverSchema.default("simulated"),
  /** Which of the driver's hosts it is. */
  SLIPWAY_HOST_INDEX: z.coerce.number().int().nonnegative().max(63),
  SLIPWAY_PROTOCOL_VERSION: spokenSchema,
  SLIPWAY_HOST_CAPACITY: z.coerce.number().int().positive().max(1000).default(CAPACITY),
  SLIPWAY_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export interface ClusterHostConfig {
  readonly instance: string;
  readonly driver: Driver;
  readonly stateDir: string;
  readonly socketPath: string;
  readonly speaks: ProtocolRange;
  /** How many clusters it holds at most. */
  readonly capacity: number;
  readonly logLevel: string;
}

/** @throws ZodError that names the variable */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ClusterHostConfig {
  const parsed = environmentSchema.parse(environment);
  return Object.freeze({
    instance: parsed.SLIPWAY_INSTANCE,
    driver: parsed.SLIPWAY_DRIVER,
    stateDir: parsed.SLIPWAY_STATE_DIR,
    socketPath: `${parsed.SLIPWAY_STATE_DIR}/${hostNameOf(parsed.SLIPWAY_DRIVER)}-${parsed.SLIPWAY_HOST_INDEX}.sock`,
    speaks: parsed.SLIPWAY_PROTOCOL_VERSION,
    capacity: parsed.SLIPWAY_HOST_CAPACITY,
    logLevel: parsed.SLIPWAY_LOG_LEVEL,
  });
}
