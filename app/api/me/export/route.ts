import { apiRoute } from "../../../_server/api-route";
import { exportOf } from "../../../_server/personal-data";

/** Everything that is kept of whoever asks, as JSON lines. */
export const GET = apiRoute(async ({ request, requireUser }) => {
  const lines = exportOf(await requireUser(), request.signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "application/x-ndjson",
      "content-disposition": 'attachment; filename="slipway.jsonl"',
    },
  });
});
