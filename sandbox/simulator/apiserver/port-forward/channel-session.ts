import type { Channel } from "../../api/channel";
import { badRequest } from "../../api/status";
import { Pipe } from "../../pipe";
import { forward, type Dial, type ForwardedStreams } from "./forward";

/** One connection for each port of the request; each message begins with the number of its stream. */
export const CHANNEL_PROTOCOL = "v4.channel.k8s.io";

// A stream's number is one byte, and each port takes two.
const MAX_PORTS = 128;

/** The ports of `?ports=80,443` or `?ports=80&ports=443`. Throws a 400. */
export function parsePorts(query: URLSearchParams): number[] {
  const texts = query.getAll("ports").flatMap((each) => each.split(","));
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  if (texts.length > MAX_PORTS) throw badRequest(`at most ${MAX_PORTS} ports can be forwarded at once`);
  return texts.map((text) => {
    if (!/^\d+$/.test(text)) throw unparsable(text, "invalid syntax");
    if (Number(text) > 65535) throw unparsable(text, "value out of range");
    if (Number(text) < 1) throw badRequest(`port ${JSON.stringify(text)} must be > 0`);
    return Number(text);
  });
}

function unparsable(text: string, why: string): Error {
  const quoted = JSON.stringify(text);
  return badRequest(`unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: ${why}`);
}

/** Stream 2n carries the data of the nth port, stream 2n+1 its errors; both begin with the port, low byte first. */
export async function runChannelSession(channel: Channel, dial: Dial, ports: readonly number[]): Promise<void> {
  const inputs = ports.map(() => new Pipe());
  const sessions = ports.map(async (port, index) => {
    const data = output(channel, 2 * index);
    const error = output(channel, 2 * index + 1);
    const head = Uint8Array.of(port & 0xff, port >> 8);
    await data.write(head);
    await error.write(head);
    await forward(dial, port, { data: { ...data, reader: inputs[index] ?? new Pipe() }, error });
  });
  void Promise.allSettled(sessions).then(() => channel.close(1000));
  for (let message = await channel.receive(); message; message = await channel.receive()) {
    const stream = message[0] ?? 0;
    // What comes for a connection that is over is dropped.
    if (stream % 2 === 0) await inputs[stream / 2]?.write(message.subarray(1)).catch(() => undefined);
  }
  for (const input of inputs) input.end();
}

/** Its end cannot be told: the channel closes when all connections are over. */
function output(channel: Channel, stream: number): ForwardedStreams["error"] {
  return {
    async write(bytes) {
      const message = new Uint8Array(bytes.byteLength + 1);
      message[0] = stream;
      message.set(bytes, 1);
      await channel.send(message);
    },
    end: () => undefined,
  };
}
