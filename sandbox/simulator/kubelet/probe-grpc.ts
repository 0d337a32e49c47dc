import type { GRPCAction } from "../api/generated/kubernetes";
import { HealthClient, type HealthAnswer } from "../network/grpc/health";
import { Http2Error } from "../network/grpc/frames";
import {
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  NetworkUnreachableError,
  type Connection,
} from "../network/network";
import { BrokenPipeError } from "../pipe";
import { delay } from "./kubelet-context";
import type { ProbeResult, ProbeTarget } from "./probe-action";
import { TIMED_OUT, within } from "./within";

const USER_AGENT = "kube-probe/1.36";

/** Asks by gRPC's health protocol. https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
export async function probeGrpc(action: GRPCAction, timeoutMs: number, target: ProbeTarget): Promise<ProbeResult> {
  const { clock, nodeHost, podIP } = target;
  const { port } = action;
  const place = `${podIP}:${port}`;
  const seconds = `${timeoutMs / 1000}s`;
  const begin = clock.now();
  const left = (): number => Math.max(0, timeoutMs - (clock.now() - begin));
  let connection: Connection | undefined;
  try {
    connection = await nodeHost.connect({ address: podIP, port }, { timeoutMs });
    const client = await within(clock, left(), HealthClient.connect(connection));
    if (client === TIMED_OUT) return notConnected(place, seconds);
    const answer = await within(clock, left(), client.check(place, action.service ?? "", USER_AGENT));
    if (answer === TIMED_OUT) return { ok: false, output: `timeout: health rpc did not complete within ${seconds}` };
    return resultOf(answer);
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    // The client tries to connect until its time is over.
    await delay(clock, left());
    return notConnected(place, seconds);
  } finally {
    connection?.writer.end();
    connection?.reader.cancel();
  }
}

function notConnected(place: string, seconds: string): ProbeResult {
  const output = `timeout: failed to connect service "${place}" within ${seconds}: context deadline exceeded`;
  return { ok: false, output };
}

function resultOf(answer: HealthAnswer): ProbeResult {
  switch (answer.kind) {
    case "status":
      return answer.status === "SERVING"
        ? { ok: true }
        : { ok: false, output: `service unhealthy (responded with "${answer.status}")` };
    case "unimplemented": {
      const what = "this server does not implement the grpc health protocol (grpc.health.v1.Health)";
      return { ok: false, output: `error: ${what}: ${answer.message}` };
    }
    case "error": {
      const rpc = `rpc error: code = ${answer.code} desc = ${answer.message}`;
      return { ok: false, output: `error: health rpc probe failed: ${rpc}` };
    }
  }
}

function isNoAnswer(error: unknown): boolean {
  return (
    error instanceof Http2Error ||
    error instanceof ConnectionRefusedError ||
    error instanceof ConnectionTimeoutError ||
    error instanceof ConnectionResetError ||
    error instanceof NetworkUnreachableError ||
    error instanceof BrokenPipeError
  );
}
