import { z } from "zod";
import { spokenSchema, type ProtocolRange } from "../protocol/version";

const environmentSchema = z.object({
  /** This instance's folder; the socket is made in it. */
  SLIPWAY_STATE_DIR: z.string().startsWith("/").max(75),
  SLIPWAY_INSTANCE: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  SLIPWAY_PROTOCOL_VERSION: spokenSchema,
  SLIPWAY_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

export interface TerminalHostConfig {
  readonly instance: string;
  readonly socketPath: string;
  readonly speaks: ProtocolRange;
  readonly logLevel: string;
}

/** @throws ZodError that names the variable */
export function readConfig(environment: Record<string, string | undefined>): TerminalHostConfig {
  const parsed = environmentSchema.parse(environment);
  return Object.freeze({
    instance: parsed.SLIPWAY_INSTANCE,
    socketPath: `${parsed.SLIPWAY_STATE_DIR}/terminal-host.sock`,
    speaks: parsed.SLIPWAY_PROTOCOL_VERSION,
    logLevel: parsed.SLIPWAY_LOG_LEVEL,
  });
}
