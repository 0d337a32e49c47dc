import type { Channel } from "../api/channel";
import type { Status } from "../api/generated/kubernetes";
import type { ExecSession, ExitStatus } from "../api/node-api";
import type { Clock } from "../clock";
import type { PipeReader } from "../pipe";
import { exitStatus, parseSize, type OpenedSession } from "./exec-session";

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

export const CHANNEL_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Carries a process over a channel, to the end of either. */
export async function runChannels(
  channel: Channel,
  { process: session, asked: { stdin, tty } }: OpenedSession,
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

async function copy(reader: PipeReader, channel: Channel, stream: number): Promise<void> {
  try {
    for (let chunk = await reader.read(); chunk; chunk = await reader.read()) await channel.send(framed(stream, chunk));
  } catch {
    // The process or the client broke off; the exit status says the rest.
    reader.cancel();
  }
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
