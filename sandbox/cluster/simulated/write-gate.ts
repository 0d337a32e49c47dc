import type { HttpHandler } from "../../simulator/api/channel";

/**
 * Answers a write only when it is kept: before, and again after it was made, `fault` says whether that is so, as soon as
 * anything is kept. Etcd says the same when its disk is full.
 */
export function gateWrites(handler: HttpHandler, fault: () => Promise<unknown>): HttpHandler {
  return {
    fetch: async (request, peer) => {
      if (isRead(request.method)) return handler.fetch(request, peer);
      if ((await fault()) !== undefined) return refusal();
      const response = await handler.fetch(request, peer);
      return (await fault()) === undefined ? response : refusal();
    },
    connect: (request, peer) => handler.connect(request, peer),
  };
}

/** More than a look: kubectl's writes. */
export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function refusal(): Response {
  const message = "etcdserver: mvcc: database space exceeded";
  return Response.json(
    { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code: 500 },
    { status: 500 },
  );
}
