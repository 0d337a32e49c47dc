// Bodies that are known as a whole. Reading one back out of a Request or Response costs more than most answers do.
const bodies = new WeakMap<Request | Response, string | Uint8Array>();

/** Notes what the body of `message` is; it can be read as usual too. */
export function withWholeBody<T extends Request | Response>(message: T, body: string | Uint8Array): T {
  bodies.set(message, body);
  return message;
}

export function wholeBodyOf(message: Request | Response): string | Uint8Array | undefined {
  return bodies.get(message);
}

/** A request's body, empty when it has none. */
export async function readWhole(request: Request): Promise<Uint8Array> {
  const known = bodies.get(request);
  if (known instanceof Uint8Array) return known;
  return known === undefined ? new Uint8Array(await request.arrayBuffer()) : new TextEncoder().encode(known);
}
