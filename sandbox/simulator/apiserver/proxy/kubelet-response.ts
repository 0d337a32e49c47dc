import type { Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { ServerContext } from "../server-context";

/** What a node's kubelet answers itself: its health and its pods. */
export function kubeletResponse({ storage }: ServerContext, nodeName: string, path: string): Response {
  switch (path.replace(/\/$/, "")) {
    case "/healthz":
      return text("ok", 200);
    case "/pods": {
      // The collection holds pods only.
      const all = storage.list("/pods", "").items as readonly Stored<Pod>[];
      const items = all.filter(({ spec }) => spec?.nodeName === nodeName);
      return Response.json({ kind: "PodList", apiVersion: "v1", metadata: {}, items });
    }
    default:
      return text("404 page not found\n", 404);
  }
}

function text(body: string, status: number): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  return new Response(body, { status, headers });
}
