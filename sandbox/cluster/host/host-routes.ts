import { clusterCreateSchema, clusterSaveQuerySchema, type ClusterEvent } from "../../protocol/cluster-host-api";
import type { JsonRoute } from "../../protocol/node/json-server";
import type { ClusterHost } from "./cluster-host";

/**
 * The cluster-host's API (protocol/cluster-host-api.ts). It greets at once, so that nobody starts another one beside it;
 * everything else waits until it has taken over what the one before left.
 */
export function hostRoutes(host: ClusterHost, takenOver: Promise<unknown>): JsonRoute[] {
  return clusterRoutes(host).map((route) => ({
    ...route,
    handle: async (request) => {
      await takenOver;
      return route.handle(request);
    },
  }));
}

function clusterRoutes(host: ClusterHost): JsonRoute[] {
  return [
    {
      method: "POST",
      path: "/v1/clusters",
      handle: async ({ body }) => {
        const { wait, ...spec } = await body(clusterCreateSchema);
        const made = await host.open(spec);
        if (wait) await readyOrRemoved(host, spec.sandboxId);
        return { status: 201, body: made };
      },
    },
    {
      method: "GET",
      path: "/v1/clusters/:id/ready",
      handle: async ({ params }) => ({ status: 200, body: await host.ready(params["id"] ?? "") }),
    },
    {
      method: "GET",
      path: "/v1/clusters/:id/save",
      handle: async ({ params, query }) => {
        const save = await host.save(params["id"] ?? "", query(clusterSaveQuerySchema).since);
        return save ? { status: 200, body: save } : { status: 204 };
      },
    },
    {
      method: "GET",
      path: "/v1/clusters/:id/services",
      handle: async ({ params }) => ({ status: 200, body: await host.services(params["id"] ?? "") }),
    },
    {
      method: "GET",
      path: "/v1/clusters/:id/services/events",
      handle: async ({ params }) => {
        const id = params["id"] ?? "";
        // Refused before anything is told.
        await host.services(id);
        return { lines: (write, signal) => until(signal, host.followServices(id, write)) };
      },
    },
    {
      method: "GET",
      path: "/v1/clusters",
      handle: () => ({ status: 200, body: { clusters: host.list(), capacity: host.capacity } }),
    },
    {
      method: "DELETE",
      path: "/v1/clusters/:id",
      handle: async ({ params }) => {
        await host.remove(params["id"] ?? "");
        return { status: 204 };
      },
    },
    {
      method: "GET",
      path: "/v1/events",
      handle: () => ({ lines: (write: (event: ClusterEvent) => void, signal) => until(signal, host.follow(write)) }),
    },
  ];
}

/** Who waits for the answer need not come back to clean up. */
async function readyOrRemoved(host: ClusterHost, sandboxId: string): Promise<void> {
  try {
    await host.ready(sandboxId);
  } catch (error) {
    await host.remove(sandboxId);
    throw error;
  }
}

/** Resolves when it aborts, having let go. */
function until(signal: AbortSignal, letGo: () => void): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      letGo();
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
