import { randomInt } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ObjectSource } from "../../checks/object-source";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { HttpHandler } from "../../simulator/api/channel";
import type { Clock } from "../../simulator/clock";
import { createCluster, type Cluster } from "../../simulator/cluster";
import type { ImageCatalogue } from "../../simulator/containers/images/image";
import { Core, SHARED_PROCESS } from "../../simulator/containers/processes/core";
import type { OpenApiPublisher } from "../../simulator/schema/openapi";
import { renderKubeconfig } from "../../simulator/serve/kubeconfig";
import { createClusterPki, type ClusterPki } from "../../simulator/serve/pki";
import type { Keeping } from "../../simulator/serve/state-file";
import { serve, type Listen, type Server } from "../../simulator/serve/serve";
import { ClusterSaver, restoredFrom, type RestoredCluster } from "./cluster-save";
import type { KeptClusters } from "./kept-clusters";
import { objectSourceOf } from "./object-source";
import { OutsideSockets } from "./outside-sockets";
import type { StartCluster } from "../host/running-cluster";
import { dialService } from "./service-dial";
import { createStartObjects } from "./start-objects";
import { gateWrites, isRead } from "./write-gate";

/** What the clusters of one process have in common. */
export interface SharedParts {
  readonly clock: Clock;
  readonly images: ImageCatalogue;
  readonly openApi: OpenApiPublisher;
  readonly onError: (error: unknown) => void;
  /** Where clusters are kept so that the end of the process takes nothing away; absent for those that nobody misses. */
  readonly kept?: KeptClusters;
}

/** A lesson needs one or two MB of objects; what a host holds for fifty learners must stay bounded. */
const STORED_BYTES = 32 * 1024 * 1024;

/** Where the relay in a workstation answers. */
const RELAY_URL = "https://127.0.0.1:6443";

/** Clusters of the simulator, each served with TLS on a unix socket of its own. */
export function startSimulatedCluster(shared: SharedParts): StartCluster {
  const core = new Core(SHARED_PROCESS);
  return async (spec, { onWrite }) => {
    const kept = shared.kept?.of(spec.sandboxId);
    const before = kept?.about();
    const restored = (await kept?.read()) ?? (spec.restore?.length ? restoredFrom(spec.restore) : undefined);
    const pki = createClusterPki(shared.clock.now(), restored?.ca);
    const starting = make({ ...shared, core }, pki, spec.addons, restored);
    const saver = new ClusterSaver(pki.ca);
    // Kubeconfig and sockets are there at once; a request that comes early waits for the cluster behind them.
    const early: HttpHandler = {
      fetch: async (request, peer) => (await starting).http.fetch(request, peer),
      connect: async (request, peer) => (await starting).http.connect(request, peer),
    };
    // On loopback there is no workstation with addresses of its own.
    const sockets = spec.loopback ? undefined : starting.then((cluster) => openOutside(cluster, spec, shared.onError));
    void sockets?.catch(() => undefined); // told by `ready`
    // What is written while nobody keeps it yet would be answered and forgotten.
    let isKept = (_keeping: Promise<Keeping | undefined>): void => {};
    const keeping = new Promise<Keeping | undefined>((resolve) => (isKept = resolve));
    keeping.catch(() => undefined); // told by `ready`
    const handler = gateWrites(countingWrites(early, onWrite), async () => kept && (await keeping)?.fault());
    const servers = await open(spec, before?.port, handler, pki, shared.onError);
    // The last one is the loopback port's, where there is one.
    const server = spec.loopback ? (servers.at(-1)?.url ?? RELAY_URL) : RELAY_URL;
    // The one that was given out goes on to work, where it leads to the same place.
    const kubeconfig = before?.kubeconfig.includes(`server: ${server}\n`)
      ? before.kubeconfig
      : renderKubeconfig({ server, ca: pki.ca.cert, user: pki.admin });
    const stopping = new AbortController();
    const filled = starting.then((cluster) => fill(cluster, spec, shared.clock, restored !== undefined));
    const keep = async (): Promise<Keeping | undefined> => {
      await filled;
      stopping.signal.throwIfAborted();
      const port = spec.loopback ? portOf(servers.at(-1)) : undefined;
      const about = { spec, port, kubeconfig };
      // What is on the disk is good: it waits until there is room to go on from it.
      const cluster = await starting;
      return before ? kept?.keepOn(cluster, pki.ca, about, stopping.signal) : kept?.keep(cluster, pki.ca, about);
    };
    isKept(keep());
    return {
      kubeconfig,
      ready: keeping.then(() => filled),
      save: async (since) => saver.take((await starting).snapshot(), since),
      services: async () => (await starting).services?.list() ?? [],
      dial: async (target, signal) => dialService((await starting).services, target, signal),
      stop: async () => {
        stopping.abort();
        await Promise.all(servers.map((one) => one.close()));
        rmSync(spec.socketPath, { force: true });
        await sockets?.then((open) => open?.close()).catch(() => {});
        await starting.then((cluster) => cluster.stop()).catch(() => {}); // what did not start need not be stopped
        void keeping.then((one) => one?.stop()).catch(() => {}); // which may never have begun
        kept?.forget();
      },
    };
  };
}

async function make(
  { clock, images, openApi, core, onError }: SharedParts & { readonly core: Core },
  pki: ClusterPki,
  addons: ClusterCreate["addons"],
  restored: RestoredCluster | undefined,
): Promise<Cluster> {
  try {
    return await createCluster({
      clock,
      seed: randomInt(2 ** 32 - 1),
      addons,
      certificate: pki.ca.cert,
      signer: pki.ca,
      images,
      serving: pki.serving,
      openApi,
      core,
      onError,
      storedBytes: STORED_BYTES,
      snapshot: restored?.snapshot,
    });
  } catch (cause) {
    throw new SandboxError("start-failed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Beside the API's socket, where the relay finds them. */
function openOutside(
  { outside }: Cluster,
  { socketPath }: ClusterCreate,
  onError: (error: unknown) => void,
): OutsideSockets | undefined {
  return outside && new OutsideSockets(dirname(socketPath), outside, onError);
}

async function fill(cluster: Cluster, spec: ClusterCreate, clock: Clock, isRestored: boolean): Promise<ObjectSource> {
  await cluster.ready();
  if (!isRestored) await createStartObjects(cluster.client(), spec.startObjects);
  // What happens once has happened before.
  const faults = spec.faults.filter(({ kind }) => !isRestored || kind !== "pod-killed");
  for (const fault of faults) injectFault(cluster, fault);
  return objectSourceOf(cluster.client(), clock);
}

function injectFault(cluster: Cluster, fault: ClusterCreate["faults"][number]): void {
  try {
    cluster.faults?.inject(fault);
  } catch (cause) {
    throw new SandboxError("start-failed", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function open(
  spec: ClusterCreate,
  port: number | undefined,
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
  if (spec.loopback) servers.push(await listen({ port: port ?? 0 }).catch(() => listen({ port: 0 })));
  return servers;
}

function portOf(server: Server | undefined): number | undefined {
  return server?.url === undefined ? undefined : Number(new URL(server.url).port);
}

/** Calls `onWrite` for what is more than a look: kubectl's writes, and sessions in a container. */
function countingWrites(handler: HttpHandler, onWrite: () => void): HttpHandler {
  return {
    fetch: (request, peer) => {
      if (!isRead(request.method)) onWrite();
      return handler.fetch(request, peer);
    },
    connect: (request, peer) => {
      onWrite();
      return handler.connect(request, peer);
    },
  };
}
