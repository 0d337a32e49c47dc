import type { ServicePort } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { ConnectionRefusedError, ConnectionTimeoutError, type Connection } from "../../simulator/network/network";
import { NoEndpointsError, NoSuchServiceError, type ServiceAccess } from "../../simulator/network/service-door";

/** Somebody looks at an empty page meanwhile. */
const DIAL_TIMEOUT_MS = 10_000;

/** @throws SandboxError `service-not-found`, `no-endpoints`, `connection-refused`, `connection-timeout` */
export async function dialService(
  services: ServiceAccess | undefined,
  target: ServicePort,
  signal: AbortSignal,
): Promise<Connection> {
  if (!services) throw new SandboxError("service-not-found", "no pods run here");
  try {
    return await services.dial(target, { timeoutMs: DIAL_TIMEOUT_MS, signal });
  } catch (error) {
    const code =
      error instanceof NoSuchServiceError
        ? "service-not-found"
        : error instanceof NoEndpointsError
          ? "no-endpoints"
          : error instanceof ConnectionRefusedError
            ? "connection-refused"
            : error instanceof ConnectionTimeoutError
              ? "connection-timeout"
              : undefined;
    if (code === undefined) throw error;
    throw new SandboxError(code, undefined, { cause: error });
  }
}
