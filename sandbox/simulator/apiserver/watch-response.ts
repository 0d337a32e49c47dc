import type { KubeObject } from "../api/object";
import type { ApiRequest, RequestHandler, Watch, WatchEvent } from "../api/request";
import { StatusError } from "../api/status";

/** How one event's object is written: as it is, as a table, or only its metadata. */
type EventForm = (object: KubeObject, isFirst: boolean) => object;

// A client that reads this far behind is cut off; it will list again.
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** A watch as a stream of JSON lines that ends with the client, the timeout or the server. */
export async function watchResponse(
  handler: RequestHandler,
  request: ApiRequest,
  form: EventForm,
  signal: AbortSignal,
  headers: Headers,
): Promise<Response> {
  const encoder = new TextEncoder();
  const stream: { controller?: ReadableStreamDefaultController<Uint8Array>; watch?: Watch } = {};
  let isOpen = true;
  let isFirst = true;

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stream.controller = controller;
      },
      cancel: () => finish(),
    },
    { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk.byteLength },
  );
  const finish = (): void => {
    if (!isOpen) return;
    isOpen = false;
    stream.watch?.stop();
    signal.removeEventListener("abort", abort);
    try {
      stream.controller?.close();
    } catch {
      // Cancelled by its reader already.
    }
  };
  const abort = (): void => finish();
  const write = (type: WatchEvent["type"], object: object): void => {
    const { controller } = stream;
    if (!isOpen || !controller) return;
    controller.enqueue(encoder.encode(`${JSON.stringify({ type, object })}\n`));
    if ((controller.desiredSize ?? 1) <= 0) finish();
  };

  stream.watch = await handler.watch(request, {
    event({ type, object }) {
      const isPlain = type === "ERROR" || type === "BOOKMARK";
      write(type, isPlain ? object : form(object, isFirst));
      if (!isPlain) isFirst = false;
    },
    closed(error) {
      if (error instanceof StatusError) write("ERROR", error.status);
      finish();
    },
  });
  if (signal.aborted) finish();
  else signal.addEventListener("abort", abort);
  return new Response(body, { status: 200, headers });
}
