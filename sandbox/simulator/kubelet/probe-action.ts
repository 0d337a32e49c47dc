import type {
  Container,
  EphemeralContainer,
  HTTPGetAction,
  HTTPHeader,
  IntOrString,
  Probe,
} from "../api/generated/kubernetes";
import type { Clock } from "../clock";
import { ConnectionRefusedError, ConnectionTimeoutError, type Connection, type NetworkHost } from "../network/network";
import { connectTls } from "../network/tls/client";
import { TlsAlertError, TlsError } from "../network/tls/record-layer";
import { readAll, type Duplex } from "../pipe";
import { StartContainerError, type ContainerRuntime } from "./container-runtime";
import { probeGrpc } from "./probe-grpc";
import { TIMED_OUT, within } from "./within";

export interface ProbeTarget {
  readonly container: Container | EphemeralContainer;
  readonly containerId: string;
  readonly podIP: string;
  readonly runtime: ContainerRuntime;
  /** The kubelet probes from the node. */
  readonly nodeHost: NetworkHost;
  readonly clock: Clock;
}

/** `output` is what follows `Readiness probe failed: `. */
export type ProbeResult =
  { ok: true } | { ok: false; output: string; /** Nobody can say: it counts as nothing. */ errored?: true };

type ProbeAction = Pick<Probe, "exec" | "httpGet" | "tcpSocket" | "grpc">;

const MAX_OUTPUT_BYTES = 10 * 1024;
const USER_AGENT = "kube-probe/1.36";

/** Does what a probe asks once. https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/ */
export async function runProbe(action: ProbeAction, timeoutMs: number, target: ProbeTarget): Promise<ProbeResult> {
  if (action.exec) return probeCommand(action.exec.command ?? [], timeoutMs, target);
  if (action.httpGet) return probeHttp(action.httpGet, timeoutMs, target);
  if (action.grpc) return probeGrpc(action.grpc, timeoutMs, target);
  const socket = action.tcpSocket;
  if (socket) {
    const host = socket.host ? socket.host : target.podIP;
    return probeTcp({ address: host, port: portOf(socket.port, target.container) }, timeoutMs, target);
  }
  return { ok: true };
}

async function probeCommand(command: readonly string[], timeoutMs: number, target: ProbeTarget): Promise<ProbeResult> {
  try {
    const session = await target.runtime.exec(target.containerId, {
      command,
      stdin: false,
      stdout: true,
      stderr: true,
      tty: false,
    });
    const output = Promise.all([readAll(session.stdout), readAll(session.stderr)]);
    const done = await within(target.clock, timeoutMs, Promise.all([session.exit, output]));
    if (done === TIMED_OUT) {
      session.close();
      return { ok: false, output: `command timed out: "${command.join(" ")}" timed out after ${timeoutMs / 1000}s` };
    }
    const [exit, streams] = done;
    if (exit.code === 0 && exit.error === undefined) return { ok: true };
    return {
      ok: false,
      output:
        exit.error ??
        streams
          .map((bytes) => new TextDecoder().decode(bytes))
          .join("")
          .slice(0, MAX_OUTPUT_BYTES),
    };
  } catch (error) {
    if (!(error instanceof StartContainerError)) throw error;
    return { ok: false, output: `rpc error: code = Unknown desc = ${error.message}`, errored: true };
  }
}

async function probeTcp(
  address: { address: string; port: number },
  timeoutMs: number,
  target: ProbeTarget,
): Promise<ProbeResult> {
  const dialled = await dial(address, timeoutMs, target);
  if (!dialled.ok) return dialled;
  dialled.connection.writer.end();
  dialled.connection.reader.cancel();
  return { ok: true };
}

async function probeHttp(action: HTTPGetAction, timeoutMs: number, target: ProbeTarget): Promise<ProbeResult> {
  const address = { address: action.host ?? target.podIP, port: portOf(action.port, target.container) };
  const path = action.path?.startsWith("/") ? action.path : `/${action.path ?? ""}`;
  const url = `${(action.scheme ?? "HTTP").toLowerCase()}://${address.address}:${address.port}${path}`;
  const tooLate = {
    ok: false as const,
    output: `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  };
  const dialled = await dial(address, timeoutMs, target);
  if (!dialled.ok) return dialled.timedOut ? tooLate : { ok: false, output: `Get "${url}": ${dialled.output}` };
  const { connection } = dialled;
  try {
    const answer = await within(
      target.clock,
      timeoutMs,
      exchange(connection, action.scheme, requestText(path, address, action.httpHeaders ?? [])),
    );
    if (answer === TIMED_OUT) return tooLate;
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
    if (status === undefined) return { ok: false, output: `Get "${url}": EOF` };
    const code = Number(status);
    return code >= 200 && code < 400
      ? { ok: true }
      : { ok: false, output: `HTTP probe failed with statuscode: ${code}` };
  } catch (error) {
    return { ok: false, output: `Get "${url}": ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    connection.writer.end();
    connection.reader.cancel();
  }
}

function requestText(
  path: string,
  { address, port }: { address: string; port: number },
  headers: readonly HTTPHeader[],
): string {
  const own = new Map([
    ["host", `${address}:${port}`],
    ["user-agent", USER_AGENT],
    ["accept", "*/*"],
    ["connection", "close"],
  ]);
  const names = new Map([
    ["host", "Host"],
    ["user-agent", "User-Agent"],
    ["accept", "Accept"],
    ["connection", "Connection"],
  ]);
  for (const { name, value } of headers) {
    own.set(name.toLowerCase(), value);
    names.set(name.toLowerCase(), name);
  }
  const lines = [...own].map(([key, value]) => `${names.get(key) ?? key}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** Sends a request and returns the answer's head as far as the first lines. */
async function exchange(connection: Connection, scheme: string | undefined, request: string): Promise<string> {
  const stream = scheme === "HTTPS" ? await secured(connection) : connection;
  await stream.writer.write(new TextEncoder().encode(request));
  let text = "";
  while (!text.includes("\r\n") && text.length < MAX_OUTPUT_BYTES) {
    const chunk = await stream.reader.read();
    if (!chunk) break;
    text += new TextDecoder().decode(chunk);
  }
  return text;
}

/** Nobody looks at the certificate. Rejects with what Go's client says. */
async function secured(connection: Connection): Promise<Duplex> {
  try {
    return await connectTls(connection, { name: connection.remote.address, accepts: () => Promise.resolve(true) });
  } catch (error) {
    if (error instanceof TlsAlertError) throw new Error("remote error: tls: handshake failure", { cause: error });
    if (!(error instanceof TlsError)) throw error;
    const isHttp = new TextDecoder().decode(error.received.subarray(0, 5)) === "HTTP/";
    const what = isHttp ? "http: server gave HTTP response to HTTPS client" : "EOF";
    throw new Error(what, { cause: error });
  }
}

async function dial(
  address: { address: string; port: number },
  timeoutMs: number,
  target: ProbeTarget,
): Promise<{ ok: true; connection: Connection } | { ok: false; timedOut: boolean; output: string }> {
  const where = `dial tcp ${address.address}:${address.port}`;
  try {
    return { ok: true, connection: await target.nodeHost.connect(address, { timeoutMs }) };
  } catch (error) {
    if (error instanceof ConnectionRefusedError)
      return { ok: false, timedOut: false, output: `${where}: connect: connection refused` };
    if (error instanceof ConnectionTimeoutError) return { ok: false, timedOut: true, output: `${where}: i/o timeout` };
    return { ok: false, timedOut: false, output: `${where}: connect: no route to host` };
  }
}

function portOf(port: IntOrString, container: Container | EphemeralContainer): number {
  if (typeof port === "number") return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
