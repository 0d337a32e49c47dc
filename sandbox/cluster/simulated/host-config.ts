import { z } from "zod";

const environmentSchema = z.object({
  SLIPWAY_INSTANCE: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  SLIPWAY_CLUSTER_HOST_SOCKET: z.string().startsWith("/").max(99),
  SLIPWAY_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export interface ClusterHostConfig {
  readonly instance: string;
  readonly socketPath: string;
  readonly logLevel: string;
}

/** @throws ZodError that names the variable */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ClusterHostConfig {
  const parsed = environmentSchema.parse(environment);
  return Object.freeze({
    instance: parsed.SLIPWAY_INSTANCE,
    socketPath: parsed.SLIPWAY_CLUSTER_HOST_SOCKET,
    logLevel: parsed.SLIPWAY_LOG_LEVEL,
  });
}
