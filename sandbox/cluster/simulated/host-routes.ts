import { clusterCreateSchema, type ClusterEvent } from "../../protocol/cluster-host-api";
import type { JsonRoute } from "../../protocol/node/json-server";
import { PROTOCOL, type Greeting } from "../../protocol/version";
import type { ClusterHost } from "./cluster-host";

/** The cluster-host's API (protocol/cluster-host-api.ts). */
export function hostRoutes(host: ClusterHost, instance: string): JsonRoute[] {
  const greeting: Greeting = { protocol: PROTOCOL, instance, process: "cluster-host", pid: process.pid };
  return [
    { method: "GET", path: "/v1/hello", handle: () => ({ status: 200, body: greeting }) },
    {
      method: "POST",
      path: "/v1/clusters",
      handle: async ({ body }) => ({ status: 201, body: await host.create(await body(clusterCreateSchema)) }),
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
      handle: () => ({ lines: (write, signal) => followUntil(host, write, signal) }),
    },
  ];
}

function followUntil(host: ClusterHost, write: (event: ClusterEvent) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const unfollow = host.follow(write);
    const end = (): void => {
      unfollow();
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
