import { join } from "node:path";
import { pino } from "pino";
import { logDestination } from "../../protocol/node/log";
import { serveJson } from "../../protocol/node/json-server";
import { SystemClock } from "../../simulator/clock";
import { existingSchema } from "../existing/existing-config";
import { ExistingProvider } from "../existing/existing-provider";
import { ClusterHost } from "../host/cluster-host";
import { readConfig, type ClusterHostConfig } from "../host/host-config";
import { hostRoutes } from "../host/host-routes";
import { upgradeToService } from "../host/service-upgrade";
import { kindSchema } from "../kind/kind-config";
import { KindProvider } from "../kind/kind-provider";
import { runProgram } from "../kind/run-program";
import { ClusterRecords } from "./cluster-records";
import { upstreamOf } from "./kubeconfig";
import type { Provider } from "./provider";
import { RealClusters } from "./real-clusters";

/** A cluster that is brought back comes with all its objects. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Looks after real clusters: relays, checks, saves. The clusters are elsewhere and outlive it; the next one of the same
 * instance takes them over. SIGTERM ends it and every cluster it looks after.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino(
    { name: "cluster-host", level: config.logLevel, base: { instance: config.instance } },
    logDestination(),
  );
  process.on("uncaughtException", (err) => log.error({ err }, "uncaught exception"));
  process.on("unhandledRejection", (err) => log.error({ err }, "unhandled rejection"));
  const clock = new SystemClock();
  const onError = (err: unknown): void => log.error({ err }, "cluster fault");
  const provider = await providerOf(config, clock, onError);
  const records = new ClusterRecords(join(config.stateDir, `${config.driver}-clusters`));
  const clusters = new RealClusters({ provider, records, clock, onError });
  const host = new ClusterHost(clusters.start, clock);
  let isServed = (): void => {};
  const takingOver = new Promise<void>((resolve) => (isServed = resolve)).then(() => takeOver(host, clusters, onError));
  void takingOver.then(() => provider.open?.()).catch(onError);
  // Not to be taken for one that holds none.
  takingOver.catch(fail);
  const onInternalError = (err: unknown): void => log.error({ err }, "request failed");
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
    await host.stop();
    await provider.close?.();
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  process.on("SIGHUP", () => undefined);
  log.info({ socket: config.socketPath, pid: process.pid, driver: config.driver }, "listening");
}

async function takeOver(host: ClusterHost, clusters: RealClusters, onError: (err: unknown) => void): Promise<void> {
  for (const { spec, start } of await clusters.survivors()) {
    await host
      .open(spec, start)
      .then(({ sandboxId }) => host.ready(sandboxId), onError)
      .catch(onError);
  }
}

async function providerOf(
  { driver, instance, stateDir }: ClusterHostConfig,
  clock: SystemClock,
  onError: (err: unknown) => void,
): Promise<Provider> {
  switch (driver) {
    case "existing": {
      const config = existingSchema.parse(process.env);
      return new ExistingProvider({ instance, upstream: await upstreamOf(config.SLIPWAY_KUBECONFIG), config, clock });
    }
    case "kind": {
      const config = kindSchema.parse(process.env);
      const env = engineEnv(process.env);
      const poolFile = join(stateDir, "kind-pool.json");
      return new KindProvider({ instance, config, env, run: runProgram, clock, poolFile, onError });
    }
    case "simulated":
      throw new Error(`${driver} clusters live elsewhere`);
  }
}

/** The way to the engine, and what its command needs to run: nothing else of ours. */
function engineEnv(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const passes = (name: string): boolean => /^(PATH|HOME|XDG_RUNTIME_DIR|TMPDIR|DOCKER_.*|CONTAINER_.*)$/.test(name);
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && passes(name) ? [[name, value]] : [],
    ),
  );
}

main().catch(fail);

function fail(error: unknown): never {
  process.stderr.write(`cluster-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
