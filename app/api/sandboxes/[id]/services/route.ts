import { apiRoute } from "../../../../_server/api-route";
import { followServices } from "../../../../_server/sandboxes";

/** What may be opened of the cluster, then again whenever it is another: an EventSource's stream. */
export const GET = apiRoute<{ id: string }>(async ({ params, request, requireUser }) => {
  const lists = await followServices(await requireUser(), params.id, request.signal);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await lists.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
      } catch {
        // The manager is gone: the browser asks again by itself.
        controller.close();
      }
    },
    async cancel() {
      await lists.return(undefined);
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" } });
});
