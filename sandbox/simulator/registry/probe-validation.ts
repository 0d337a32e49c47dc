import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Probe,
  TCPSocketAction,
} from "../api/generated/kubernetes";
import { asSent } from "./as-sent";
import { nonNegative, portNumber } from "./field-rules";
import { portNameFaults } from "./names";

/** https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
export function validateProbes({ livenessProbe, readinessProbe, startupProbe }: Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, probe] of [
    ["livenessProbe", livenessProbe],
    ["readinessProbe", readinessProbe],
    ["startupProbe", startupProbe],
  ] as const) {
    if (!probe) continue;
    const at = `${path}.${name}`;
    errors.push(...validateProbe(at, probe));
    const isReadiness = name === "readinessProbe";
    if (!isReadiness && probe.successThreshold !== undefined && probe.successThreshold !== 1)
      errors.push(invalidValue(`${at}.successThreshold`, probe.successThreshold, "must be 1"));
    if (isReadiness && probe.terminationGracePeriodSeconds !== undefined) {
      const grace = probe.terminationGracePeriodSeconds;
      errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes"));
    }
  }
  return errors;
}

const NUMBERS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function validateProbe(path: string, probe: Probe): FieldError[] {
  const errors = validateHandler(path, probe);
  for (const name of NUMBERS) errors.push(...nonNegative(`${path}.${name}`, probe[name]));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  return errors;
}

export interface Handler {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
}

const SCHEMES = ["HTTP", "HTTPS"];

/** One way to ask a container something, and only one. */
export function validateHandler(path: string, { exec, httpGet, tcpSocket, grpc }: Handler): FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  const isFirst = (name: string): boolean => {
    if (count++ === 0) return true;
    errors.push(forbiddenValue(`${path}.${name}`, "may not specify more than 1 handler type"));
    return false;
  };
  if (exec && isFirst("exec") && !exec.command?.length) errors.push(requiredValue(`${path}.exec.command`));
  if (httpGet && isFirst("httpGet")) {
    const { path: way = "", scheme = "", port } = httpGet;
    if (way === "") errors.push(requiredValue(`${path}.httpGet.path`));
    errors.push(...validatePort(`${path}.httpGet.port`, port));
    if (!SCHEMES.includes(scheme)) errors.push(notSupported(`${path}.httpGet.scheme`, scheme, SCHEMES));
  }
  if (tcpSocket && isFirst("tcpSocket")) errors.push(...validatePort(`${path}.tcpSocket.port`, tcpSocket.port));
  if (grpc && isFirst("grpc")) errors.push(...validatePort(`${path}.grpc.port`, grpc.port));
  return count === 0 ? [requiredValue(path, "must specify a handler type")] : errors;
}

function validatePort(path: string, sent: number | string): FieldError[] {
  const port = asSent(sent) ?? 0;
  if (typeof port === "number") return portNumber(path, port);
  return portNameFaults(port).map((fault) => invalidValue(path, port, fault));
}
