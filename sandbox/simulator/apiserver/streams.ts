import type { Channel, Upgrade } from "../api/channel";
import type { Pod, Status } from "../api/generated/kubernetes";
import type { ContainerTarget, ExecSession, ExitStatus, NodeApi, NodeApis } from "../api/node-api";
import type { Stored } from "../api/object";
import type { Clock } from "../clock";
import type { PipeReader } from "../pipe";
import { badRequest, internalError, StatusError } from "../api/status";
import { containerNames } from "./pod-containers";

/**
 * exec and attach over `v5.channel.k8s.io` and `v4.channel.k8s.io`: each message begins with the number of its stream.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5: the byte after it is the stream that is at its end. */
const CLOSE = 255;

const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** The first of ours that the client offers. */
export function chooseProtocol(offered: string | null): string | undefined {
  const list = (offered ?? "").split(",").map((each) => each.trim());
  return PROTOCOLS.find((protocol) => list.includes(protocol));
}

/** A session that waits for its channel; `cancel` when none will come. */
export type Session = Extract<Upgrade, { kind: "accept" }> & { cancel(): void };

/** Starts the process first, so that what cannot start is an ordinary error response. */
export async function openSession(
  verb: "exec" | "attach",
  pod: Stored<Pod>,
  query: URLSearchParams,
  nodes: NodeApis,
  protocol: string,
  clock: Clock,
): Promise<Session> {
  const streams = {
    stdin: isSet(query, "stdin"),
    stdout: isSet(query, "stdout"),
    stderr: isSet(query, "stderr"),
    tty: isSet(query, "tty"),
  };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  }
  const container = chooseContainer(pod, query.get("container") ?? "");
  const node = nodeOf(pod, nodes);
  const { namespace = "", name, uid } = pod.metadata;
  const target: ContainerTarget = { namespace, name, uid, container };
  const command = query.getAll("command");
  const session = verb === "exec" ? node.exec(target, { ...streams, command }) : node.attach(target, streams);
  const opened = await started(session);
  return {
    kind: "accept",
    protocol,
    run: (channel) => run(channel, opened, streams, clock),
    cancel: () => ("exit" in opened ? opened.close() : undefined),
  };
}

/** What goes wrong once the container was found is told inside the session, as a kubelet does. */
async function started(session: Promise<ExecSession>): Promise<ExecSession | Status> {
  try {
    return await session;
  } catch (error) {
    if (error instanceof StatusError && error.code !== 500) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return {
      metadata: {},
      status: "Failure",
      reason: "InternalError",
      message,
      details: { causes: [{ message }] },
      code: 500,
    };
  }
}

export function nodeOf(pod: Stored<Pod>, nodes: NodeApis): NodeApi {
  const { nodeName } = pod.spec ?? {};
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = nodes(nodeName);
  if (!node)
    throw internalError(new Error(`error dialing backend: dial tcp: lookup ${nodeName}: the node does not answer`));
  return node;
}

function chooseContainer(pod: Stored<Pod>, asked: string): string {
  const { all, main } = containerNames(pod);
  if (asked !== "") {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  if (main.length === 1) return main[0] ?? "";
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${main.join(" ")}]`,
  );
}

async function run(
  channel: Channel,
  session: ExecSession | Status,
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
  clock: Clock,
): Promise<void> {
  if (!("exit" in session)) {
    await channel.send(framed(ERROR, encode(session)));
    return;
  }
  let isOver = false;
  const size = new FirstSize(tty);
  const input = readInput(channel, session, stdin, size).then(() => {
    size.seen();
    // The client is gone before the process is: nobody is left to tell.
    if (!isOver) session.close();
  });
  const outputs = Promise.all([copy(session.stdout, channel, STDOUT), copy(session.stderr, channel, STDERR)]);
  const exit = await session.exit.catch((error: unknown): ExitStatus => ({ code: 1, error: String(error) }));
  await outputs;
  isOver = true;
  await size.within(clock, SIZE_WAIT_MS);
  await channel.send(framed(ERROR, encode(exitStatus(exit)))).catch(() => undefined);
  channel.close(1000);
  await input;
}

/**
 * A client with a terminal says how large it is as soon as it is connected, and complains when that finds a closed
 * session: one that ends at once stays open until the size has come.
 */
class FirstSize {
  readonly #arrived: Promise<void>;
  seen: () => void = () => undefined;

  constructor(isExpected: boolean) {
    this.#arrived = isExpected ? new Promise((resolve) => (this.seen = resolve)) : Promise.resolve();
  }

  /** Resolves when it is there, or after `limitMs`: a client need not say it. */
  async within(clock: Clock, limitMs: number): Promise<void> {
    const timer = clock.schedule(limitMs, () => this.seen());
    await this.#arrived;
    timer.cancel();
  }
}

const SIZE_WAIT_MS = 250;

async function readInput(channel: Channel, session: ExecSession, hasStdin: boolean, first: FirstSize): Promise<void> {
  for (let message = await channel.receive(); message; message = await channel.receive()) {
    const payload = message.subarray(1);
    switch (message[0]) {
      case STDIN:
        // A process that has closed its input does not mind what is typed.
        if (hasStdin) await session.stdin.write(payload).catch(() => undefined);
        break;
      case RESIZE: {
        const size = parseSize(payload);
        if (size) session.resize(size);
        first.seen();
        break;
      }
      case CLOSE:
        if (payload[0] === STDIN) session.stdin.end();
        break;
      default:
    }
  }
}

/** `{"Width":80,"Height":24}` */
function parseSize(payload: Uint8Array): { columns: number; rows: number } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof value !== "object" || value === null || !("Width" in value) || !("Height" in value)) return undefined;
    const { Width: columns, Height: rows } = value;
    const isSize = (one: unknown): one is number => typeof one === "number" && one > 0 && one <= 65535;
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined;
  } catch {
    // A malformed size changes nothing.
    return undefined;
  }
}

async function copy(reader: PipeReader, channel: Channel, stream: number): Promise<void> {
  try {
    for (let chunk = await reader.read(); chunk; chunk = await reader.read()) await channel.send(framed(stream, chunk));
  } catch {
    // The process or the client broke off; the exit status says the rest.
    reader.cancel();
  }
}

function exitStatus({ code, error }: ExitStatus): Status {
  if (error !== undefined) {
    // The node has put its own "Internal error occurred: " before it; so does whoever passes it on.
    return {
      metadata: {},
      status: "Failure",
      message: `Internal error occurred: ${error}`,
      reason: "InternalError",
      details: { causes: [{ message: error }] },
      code: 500,
    };
  }
  if (code === 0) return { metadata: {}, status: "Success" };
  const message = `command terminated with non-zero exit code: command terminated with exit code ${code}`;
  const causes = [{ reason: "ExitCode", message: String(code) }];
  return { metadata: {}, status: "Failure", message, reason: "NonZeroExitCode", details: { causes } };
}

function framed(stream: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(payload.byteLength + 1);
  message[0] = stream;
  message.set(payload, 1);
  return message;
}

function encode(status: Status): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(status));
}

function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1";
}
