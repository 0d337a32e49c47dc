// Bodies that tell of events for as long as somebody listens: what comes close together may go out together.
const streams = new WeakSet<Response>();

/** Notes that the body of `response` is such a stream. */
export function asEventStream(response: Response): Response {
  streams.add(response);
  return response;
}

export function isEventStream(response: Response): boolean {
  return streams.has(response);
}
