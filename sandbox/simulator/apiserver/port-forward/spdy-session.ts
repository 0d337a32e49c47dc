import type { Channel } from "../../api/channel";
import type { Timer } from "../../clock";
import { forward, type Dial } from "./forward";
import { SpdyConnection, type SpdyStream } from "./spdy-connection";

/** SPDY inside WebSocket messages: https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets */
export const SPDY_PROTOCOL = "SPDY/3.1+portforward.k8s.io";
/** The same without a WebSocket around it. */
export const PORT_FORWARD_PROTOCOL = "portforward.k8s.io";

const PAIR_TIMEOUT_MS = 30_000;

/**
 * Many connections over one channel: each is a stream of type `error` and one of type `data` with the same request id,
 * in whichever order they come.
 */
export async function runSpdySession(channel: Channel, dial: Dial): Promise<void> {
  const waiting = new Map<string, Half>();
  await new SpdyConnection(channel).serve((stream) => {
    const port = parsePort(stream.headers.get("port"));
    const type = stream.headers.get("streamtype");
    if (port === undefined || (type !== "error" && type !== "data")) return false;
    const request = stream.headers.get("requestid") ?? requestOf(stream.id, type);
    const other = waiting.get(request);
    if (!other) {
      const timer = dial.clock.schedule(PAIR_TIMEOUT_MS, () => {
        waiting.delete(request);
        giveUp(stream, type, request);
      });
      waiting.set(request, { type, stream, timer });
      return true;
    }
    if (other.type === type) return false;
    waiting.delete(request);
    other.timer.cancel();
    const [data, error] = type === "data" ? [stream, other.stream] : [other.stream, stream];
    void forward(dial, port, { data, error });
    return true;
  });
  for (const { timer } of waiting.values()) timer.cancel();
}

interface Half {
  readonly type: "error" | "data";
  readonly stream: SpdyStream;
  readonly timer: Timer;
}

function giveUp(stream: SpdyStream, type: Half["type"], request: string): void {
  const text = `(request=${request}) timed out waiting for streams`;
  if (type === "error") stream.write(new TextEncoder().encode(text)).catch(() => undefined);
  stream.end();
}

/** Old clients send no ids: the data stream is the one right after its error stream. */
function requestOf(streamId: number, type: "error" | "data"): string {
  return String(type === "error" ? streamId : streamId - 2);
}

function parsePort(text: string | undefined): number | undefined {
  if (!text || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}
