import { setPriority } from "node:os";
import { pino } from "pino";
import { logDestination } from "../../protocol/node/log";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import { serveJson } from "../../protocol/node/json-server";
import { SystemClock } from "../../simulator/clock";
import { OpenApiPublisher } from "../../simulator/schema/openapi";
import { loadDescriptions } from "../../simulator/serve/descriptions";
import { loadImages } from "../../simulator/serve/images";
import { ClusterHost } from "../host/cluster-host";
import { readConfig } from "../host/host-config";
import { hostRoutes } from "../host/host-routes";
import { upgradeToService } from "../host/service-upgrade";
import { KeptClusters } from "./kept-clusters";
import { startSimulatedCluster } from "./simulated-cluster";
import { warmUp } from "./warm-up";

/** Learners' clusters are polite to the processes that carry their keystrokes. */
const NICENESS = 5;

/** A cluster that is brought back comes with all its objects. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * A cluster-host: simulated clusters and their checks, nothing else. The manager starts it detached; the next manager
 * finds it by its socket. SIGTERM ends it; clusters that were not removed before are there again with the next one.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino(
    { name: "cluster-host", level: config.logLevel, base: { instance: config.instance } },
    logDestination(),
  );
  setPriority(NICENESS);
  // One learner's cluster must not take the others with it; the process goes on and says so.
  process.on("uncaughtException", (err) => log.error({ err }, "uncaught exception"));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled rejection"));
  const clock = new SystemClock();
  const onError = (err: unknown): void => log.error({ err }, "cluster fault");
  const shared = { clock, images: loadImages(), openApi: new OpenApiPublisher(loadDescriptions), onError };
  const place = config.socketPath.replace(/\.sock$/, "");
  const kept = new KeptClusters(`${place}.clusters`);
  const host = new ClusterHost(startSimulatedCluster({ ...shared, kept }), clock, config.capacity);
  const onInternalError = (err: unknown): void => log.error({ err }, "request failed");
  let isServed = (): void => {};
  const takingOver = new Promise<void>((resolve) => (isServed = resolve)).then(async () => {
    const left = kept.left(onError);
    await Promise.all(left.map((spec) => bringBack(host, kept, spec, onError)));
    if (left.length === 0) await warmUp(startSimulatedCluster(shared), `${place}.warm`).catch(onError);
  });
  // First of all: while it has the socket nobody else touches what is kept.
  const server = await serveJson({
    socketPath: config.socketPath,
    identity: { instance: config.instance, process: "cluster-host" },
    speaks: config.speaks,
    routes: hostRoutes(host, takingOver),
    onUpgrade: (request, socket, head) => void upgradeToService(host, request, socket, head, onInternalError),
    maxBodyBytes: MAX_BODY_BYTES,
    onInternalError,
  });
  isServed();

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal, clusters: host.list().length }, "stopping");
    kept.leaveAll();
    await host.stop();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  // The one who started it may be gone, and the terminal it had with it.
  process.on("SIGHUP", () => undefined);
  log.info({ socket: config.socketPath, pid: process.pid }, "listening");
}

/** One that cannot be brought back is as good as gone; whoever had it is told. */
async function bringBack(
  host: ClusterHost,
  kept: KeptClusters,
  spec: ClusterCreate,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    await host.open(spec);
    await host.ready(spec.sandboxId);
  } catch (error) {
    onError(error);
    await host.remove(spec.sandboxId);
    kept.of(spec.sandboxId).forget();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`cluster-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
