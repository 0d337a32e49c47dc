import { asEventStream } from "../api/event-stream";
import type { ApiRequest, RequestHandler, Watch, WatchHandler } from "../api/request";
import { StatusError } from "../api/status";
import type { Answer } from "./http-response";
import { WatchBacklog } from "./watch-backlog";

/** A watch as a stream of JSON lines that ends with the client, the timeout or the server, or with a reader too slow. */
export async function watchResponse(
  handler: RequestHandler,
  request: ApiRequest,
  answer: Answer,
  signal: AbortSignal,
): Promise<Response> {
  const stream = new LineStream();
  let isFirst = true;
  const watcher: WatchHandler = {
    event({ type, object }) {
      if (type === "ERROR" || type === "BOOKMARK") {
        stream.push(() => answer.plainLine(type, object));
        return;
      }
      const withColumns = isFirst;
      isFirst = false;
      stream.push(() => answer.line(type, object, withColumns));
    },
    closed(error) {
      if (error instanceof StatusError) stream.push(() => answer.plainLine("ERROR", error.status));
      stream.end();
    },
  };
  const watch = await handler.watch(request, watcher).catch((error: unknown) => {
    // That it begins too long ago is an event of a watch that has begun, as with every fault once a request is understood.
    if (!(error instanceof StatusError) || error.code !== 410) throw error;
    watcher.closed(error);
  });
  if (watch) stream.follow(watch, signal);
  return asEventStream(new Response(stream.body, { status: 200, headers: answer.watchHeaders }));
}

/** Lines as the body of a response. Several that come while the reader is busy go out in one piece. */
class LineStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #backlog = new WatchBacklog();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #watch: Watch | undefined;
  #signal: AbortSignal | undefined;
  #isWanted = false;
  #isOpen = true;

  constructor() {
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => void (this.#controller = controller),
      pull: () => {
        this.#isWanted = true;
        this.#flush();
      },
      cancel: () => this.#close(),
    };
    this.body = new ReadableStream(source, { highWaterMark: 0 });
  }

  /** The watch ends with the stream, the stream with the signal. */
  follow(watch: Watch, signal: AbortSignal): void {
    if (!this.#isOpen) {
      watch.stop();
      return;
    }
    this.#watch = watch;
    this.#signal = signal;
    if (signal.aborted) this.#cutOff();
    else signal.addEventListener("abort", this.#cutOff);
  }

  push(line: () => Uint8Array): void {
    if (!this.#isOpen) return;
    this.#backlog.push(line);
    this.#flush();
    if (this.#backlog.isTooLong) this.#cutOff();
  }

  /** Ends it after what has been pushed. */
  end(): void {
    if (!this.#isOpen) return;
    while (this.#backlog.size > 0) this.#controller?.enqueue(this.#backlog.take());
    this.#close();
  }

  #flush(): void {
    if (!this.#isWanted || this.#backlog.size === 0) return;
    this.#isWanted = false;
    this.#controller?.enqueue(this.#backlog.take());
  }

  readonly #cutOff = (): void => {
    this.#backlog.clear();
    this.#close();
  };

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#watch?.stop();
    this.#signal?.removeEventListener("abort", this.#cutOff);
    try {
      this.#controller?.close();
    } catch {
      // Cancelled by its reader already.
    }
  }
}
