import type { Channel } from "../api/channel";
import type { ExecSession, ExitStatus } from "../api/node-api";
import type { Clock } from "../clock";
import type { PipeReader } from "../pipe";
import { exitStatus, parseSize, type OpenedSession } from "./exec-session";
import { SpdyConnection, type SpdyStream } from "./port-forward/spdy-connection";

/**
 * exec and attach over SPDY, as client-go did before WebSockets and still does where those fail: a stream for each of
 * the process's, each with its `streamType`. Older versions of the protocol cannot tell an exit code.
 */
export const EXEC_SPDY_PROTOCOL = "v4.channel.k8s.io";

const STREAMS_TIMEOUT_MS = 30_000;
const PARTING_MS = 1000;

/** Carries a process over the streams that the client opens, to the end of either. */
export async function runExecSpdy(channel: Channel, { process, asked }: OpenedSession, clock: Clock): Promise<void> {
  const wanted = new Set(["error"]);
  if (asked.stdin) wanted.add("stdin");
  if (asked.stdout) wanted.add("stdout");
  // A terminal has one output.
  if (asked.stderr && !asked.tty) wanted.add("stderr");
  if (asked.tty) wanted.add("resize");

  const streams = new Map<string, SpdyStream>();
  let haveAll: () => void = () => undefined;
  const complete = new Promise<"complete">((resolve) => (haveAll = () => resolve("complete")));
  const gone = new SpdyConnection(channel).serve((stream) => {
    const type = stream.headers.get("streamtype") ?? "";
    if (!wanted.has(type) || streams.has(type)) return false;
    streams.set(type, stream);
    if (streams.size === wanted.size) haveAll();
    return true;
  });
  const timer = clock.schedule(STREAMS_TIMEOUT_MS, () => channel.close());
  const begun = await Promise.race([complete, gone]);
  timer.cancel();
  if (begun === "complete") {
    await carry(process, streams, gone);
    // The client hangs up when it has read it all. One that finds a closed connection before that complains of it.
    const parting = clock.schedule(PARTING_MS, () => channel.close());
    await gone;
    parting.cancel();
  } else if ("exit" in process) process.close();
  channel.close();
  await gone;
}

async function carry(
  process: OpenedSession["process"],
  streams: ReadonlyMap<string, SpdyStream>,
  gone: Promise<void>,
): Promise<void> {
  let status = process;
  if ("exit" in process) {
    let isOver = false;
    void gone.then(() => {
      // The client is gone before the process is: nobody is left to tell.
      if (!isOver) process.close();
    });
    readInput(streams, process);
    const outputs = Promise.all([
      copy(process.stdout, streams.get("stdout")),
      copy(process.stderr, streams.get("stderr")),
    ]);
    const exit = await process.exit.catch((error: unknown): ExitStatus => ({ code: 1, error: String(error) }));
    await outputs;
    isOver = true;
    status = exitStatus(exit);
  }
  const text = new TextEncoder().encode(JSON.stringify(status));
  await streams
    .get("error")
    ?.write(text)
    .catch(() => undefined);
  for (const stream of streams.values()) stream.end();
}

function readInput(streams: ReadonlyMap<string, SpdyStream>, process: ExecSession): void {
  const stdin = streams.get("stdin")?.reader;
  const resize = streams.get("resize")?.reader;
  if (stdin) void pour(stdin, process);
  if (resize) void readSizes(resize, process);
}

async function pour(input: PipeReader, { stdin }: ExecSession): Promise<void> {
  try {
    for (let chunk = await input.read(); chunk; chunk = await input.read()) await stdin.write(chunk);
  } catch {
    // The process has closed its input and does not mind what is typed.
    input.cancel();
  }
  stdin.end();
}

/** A size a line. */
async function readSizes(input: PipeReader, process: ExecSession): Promise<void> {
  let rest = new Uint8Array();
  for (let chunk = await input.read(); chunk; chunk = await input.read()) {
    rest = Uint8Array.from([...rest, ...chunk]).slice(-MAX_SIZE_BYTES);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      const size = parseSize(rest.subarray(0, end));
      if (size) process.resize(size);
      rest = rest.slice(end + 1);
    }
  }
}

const LINE_FEED = 10;
const MAX_SIZE_BYTES = 1024;

async function copy(reader: PipeReader, stream: SpdyStream | undefined): Promise<void> {
  try {
    for (let chunk = await reader.read(); chunk; chunk = await reader.read()) await stream?.write(chunk);
  } catch {
    // The process or the client broke off; the exit status says the rest.
    reader.cancel();
  }
}
