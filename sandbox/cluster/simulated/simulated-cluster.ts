import { randomInt } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { SandboxError } from "../../protocol/codes";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import type { HttpHandler } from "../../simulator/api/channel";
import type { Clock } from "../../simulator/clock";
import { createCluster, type Cluster } from "../../simulator/cluster";
import { OpenApiPublisher } from "../../simulator/schema/openapi";
import { loadDescriptions } from "../../simulator/serve/descriptions";
import { renderKubeconfig } from "../../simulator/serve/kubeconfig";
import { createClusterPki, type ClusterPki } from "../../simulator/serve/pki";
import { serve, type Listen, type Server } from "../../simulator/serve/serve";
import { objectSourceOf } from "./object-source";
import type { StartCluster } from "./running-cluster";
import { createStartObjects } from "./start-objects";

/** Where the relay in a workstation answers. */
const RELAY_URL = "https://127.0.0.1:6443";

/** Clusters of the simulator, each served with TLS on a unix socket of its own. */
export function startSimulatedCluster(clock: Clock, onError: (error: unknown) => void): StartCluster {
  const openApi = new OpenApiPublisher(loadDescriptions);
  return async (spec, onWrite) => {
    const pki = createClusterPki(clock.now());
    const cluster = await make(clock, pki, openApi, onError);
    const servers: Server[] = [];
    const stop = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.close()));
      rmSync(spec.socketPath, { force: true });
      await cluster.stop();
    };
    try {
      await createStartObjects(cluster.client(), spec.startObjects);
      servers.push(...(await open(spec, countingWrites(cluster.http, onWrite), pki, onError)));
    } catch (error) {
      await stop();
      throw error;
    }
    // The last one is the loopback port's, where there is one.
    const server = spec.loopback ? (servers.at(-1)?.url ?? RELAY_URL) : RELAY_URL;
    return {
      kubeconfig: renderKubeconfig({ server, ca: pki.ca.cert, user: pki.admin }),
      objects: objectSourceOf(cluster.client(), clock),
      stop,
    };
  };
}

async function make(
  clock: Clock,
  pki: ClusterPki,
  openApi: OpenApiPublisher,
  onError: (error: unknown) => void,
): Promise<Cluster> {
  try {
    return await createCluster({ clock, seed: randomInt(2 ** 32 - 1), certificate: pki.ca.cert, openApi, onError });
  } catch (cause) {
    throw new SandboxError("start-failed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function open(
  spec: ClusterCreate,
  handler: HttpHandler,
  pki: ClusterPki,
  onError: (error: unknown) => void,
): Promise<Server[]> {
  const tls = { ...pki.serving, clientCa: pki.ca.cert };
  const listen = (where: Listen): Promise<Server> => serve(handler, { listen: where, tls, onError });
  // A socket that a process left behind when it was killed.
  rmSync(spec.socketPath, { force: true });
  const servers = [await listen({ socketPath: spec.socketPath })];
  // The folder it lies in decides who gets there.
  chmodSync(spec.socketPath, 0o666);
  if (spec.loopback) servers.push(await listen({ port: 0 }));
  return servers;
}

/** Calls `onWrite` for what is more than a look: kubectl's writes, and sessions in a container. */
function countingWrites(handler: HttpHandler, onWrite: () => void): HttpHandler {
  return {
    fetch: (request, peer) => {
      if (request.method !== "GET" && request.method !== "HEAD" && request.method !== "OPTIONS") onWrite();
      return handler.fetch(request, peer);
    },
    connect: (request, peer) => {
      onWrite();
      return handler.connect(request, peer);
    },
  };
}
