import type { KubeObject } from "../api/object";
import type { ApiRequest, RequestHandler, Watch, WatchEvent } from "../api/request";
import { StatusError } from "../api/status";

/** How one event's object is written: as it is, as a table, or only its metadata. */
export type EventForm = (object: KubeObject, isFirst: boolean) => object;

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
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isOpen = true;
  let isFirst = true;
  let watch: Watch | undefined;

  const body = new ReadableStream<Uint8Array>(
    {
      start: (opened) => void (controller = opened),
      cancel: () => finish(),
    },
    { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk.byteLength },
  );
  const finish = (): void => {
    if (!isOpen) return;
    isOpen = false;
    watch?.stop();
    signal.removeEventListener("abort", abort);
    try {
      controller?.close();
    } catch {
      // Cancelled by its reader already.
    }
  };
  const abort = (): void => finish();
  const write = (type: WatchEvent["type"], object: object): void => {
    if (!isOpen || !controller) return;
    controller.enqueue(encoder.encode(`${JSON.stringify({ type, object })}\n`));
    if ((controller.desiredSize ?? 1) <= 0) finish();
  };

  watch = await handler.watch(request, {
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
