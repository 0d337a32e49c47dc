import type { RawData, WebSocket } from "ws";
import { SandboxError } from "../../protocol/codes";
import { Pipe } from "../../simulator/pipe";
import type { Outlet } from "../host/running-cluster";
import type { Upstream } from "./upstream";

/** One port: stream 0 carries its data, stream 1 its errors, and the first message of each names the port. */
const PROTOCOL = "v4.channel.k8s.io";
const DATA = 0;
const ERRORS = 1;

const OPEN_WITHIN_MS = 10_000;
/** A port that nobody listens on is refused at once, but only after the connection was granted. */
const REFUSED_WITHIN_MS = 100;

/**
 * A connection to a port of a pod, through the API server, as `kubectl port-forward` makes one.
 * https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
 * @throws SandboxError `connection-refused`, `connection-timeout`, `service-not-found`
 */
export async function openForward(
  upstream: Upstream,
  { namespace, pod, port }: { namespace: string; pod: string; port: number },
  signal: AbortSignal,
): Promise<Outlet> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/portforward?ports=${port}`;
  const socket = await upstream.socket(path, PROTOCOL);
  const forward = new Forward(socket);
  const callOff = (): void => forward.reset();
  signal.addEventListener("abort", callOff, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", callOff));
  try {
    await forward.opened();
  } catch (error) {
    forward.reset();
    throw error;
  }
  return forward;
}

class Forward implements Outlet {
  readonly reader = new Pipe();
  readonly writer: Outlet["writer"];
  readonly #socket: WebSocket;
  readonly #heads = new Set<number>();
  #opening: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.writer = {
      write: (bytes) => this.#write(bytes),
      // One direction's end cannot be told; the answer ends it.
      end: () => undefined,
    };
    socket.on("message", (data: RawData) => this.#take(bytesOf(data)));
    socket.on("error", (cause) => this.#fail(failureOf(cause)));
    socket.on("close", () => {
      this.#opening?.reject(new SandboxError("connection-refused", "the connection was closed"));
      this.reader.end();
    });
  }

  /** Resolves when both streams are there and the port did not refuse. */
  async opened(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject };
        timer = setTimeout(() => reject(new SandboxError("connection-timeout")), OPEN_WITHIN_MS);
      });
      clearTimeout(timer);
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject };
        timer = setTimeout(resolve, REFUSED_WITHIN_MS);
      });
    } finally {
      clearTimeout(timer);
      this.#opening = undefined;
    }
  }

  reset(): void {
    this.#socket.terminate();
    this.reader.end();
  }

  #take(message: Buffer): void {
    const stream = message[0] ?? DATA;
    if (!this.#heads.has(stream)) {
      this.#heads.add(stream);
      if (this.#heads.size === 2) this.#opening?.resolve();
      return;
    }
    if (stream === ERRORS) {
      this.#fail(new SandboxError("connection-refused", message.subarray(1).toString()));
      return;
    }
    // Somebody who speaks first is there.
    this.#opening?.resolve();
    this.#socket.pause();
    this.reader.write(message.subarray(1)).then(
      () => this.#socket.resume(),
      () => this.#socket.terminate(),
    );
  }

  #fail(error: Error): void {
    this.#opening?.reject(error);
    this.reader.abort(error);
    this.#socket.terminate();
  }

  #write(bytes: Uint8Array): Promise<void> {
    const message = Buffer.concat([Uint8Array.of(DATA), bytes]);
    return new Promise((resolve, reject) => {
      this.#socket.send(message, { binary: true }, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** The answer to an upgrade that was not granted comes as its status. */
function failureOf(cause: Error): SandboxError {
  const code = / (403|404)$/.test(cause.message) ? "service-not-found" : "peer-unreachable";
  return new SandboxError(code, cause.message, { cause });
}
