import type { NodeApi, PodTarget } from "../../api/node-api";
import type { Clock } from "../../clock";
import type { PipeReader } from "../../pipe";

/** The client's two streams of one forwarded connection. */
export interface ForwardedStreams {
  readonly data: { readonly reader: PipeReader; write(bytes: Uint8Array): Promise<void>; end(): void };
  readonly error: { write(bytes: Uint8Array): Promise<void>; end(): void };
}

/** How a node dials a port of a pod. */
export interface Dial {
  readonly node: NodeApi;
  readonly pod: PodTarget;
  readonly clock: Clock;
}

// Once one direction is at its end the other gets this much longer.
const GRACE_MS = 500;

/** Carries one connection to a port of a pod, to its end. What goes wrong is told on the error stream. */
export async function forward(dial: Dial, port: number, { data, error }: ForwardedStreams): Promise<void> {
  try {
    await carry(dial, port, data);
  } catch (failure) {
    const text = failure instanceof Error ? failure.message : String(failure);
    await error.write(new TextEncoder().encode(text)).catch(() => undefined);
  }
  data.reader.cancel();
  data.end();
  error.end();
}

async function carry({ node, pod, clock }: Dial, port: number, data: ForwardedStreams["data"]): Promise<void> {
  const { reader, writer } = await node.portForward(pod, port);
  try {
    const down = copy(reader, (bytes) => data.write(bytes));
    const up = copy(data.reader, (bytes) => writer.write(bytes)).finally(() => writer.end());
    const both = Promise.all([down, up]);
    // Whichever is not waited for any longer may fail unheard.
    both.catch(() => undefined);
    await Promise.race([down, up]);
    await within(clock, GRACE_MS, both);
  } finally {
    writer.end();
    reader.cancel();
  }
}

async function copy(from: PipeReader, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  for (let chunk = await from.read(); chunk; chunk = await from.read()) await write(chunk);
}

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = clock.schedule(ms, resolve);
    work.then(() => resolve(), reject).finally(() => timer.cancel());
  });
}
