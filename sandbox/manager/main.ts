import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { SimulatedClusters } from "../cluster/simulated/simulated-clusters";
import { serveJson } from "../protocol/node/json-server";
import { managerRoutes } from "./api";
import { readConfig } from "./config";
import { openWorkstation } from "./open-workstation";
import { PrismaStore } from "./prisma-store";
import { Sandboxes } from "./sandboxes";
import { ManagerFenced } from "./store";
import { TerminalHost } from "./terminal-host";
import { Tickets } from "./tickets";
import { Upgrades } from "./upgrades";
import { VerdictLog } from "./verdict-log";

const TICK_EVERY_MS = 15_000;

/**
 * The manager: state, tickets, limits. It holds no PTY and no cluster: those live in processes that it starts
 * detached, or finds. SIGTERM stops every sandbox and all those processes; with `--keep` they are left to the next
 * manager of this instance.
 */
async function main(): Promise<void> {
  const scriptDir = dirname(fileURLToPath(import.meta.url));
  const config = readConfig(process.env, { isRoot: process.getuid?.() === 0, platform: process.platform, scriptDir });
  const keep = process.argv.includes("--keep") ? "keep" : "end";
  const log = pino({ name: "manager", level: config.logLevel, base: { instance: config.instance } });
  const { instance, stateDir, distDir, childEnv: env } = config;
  mkdirSync(join(stateDir, "s"), { recursive: true, mode: 0o711 });

  const terminals = new TerminalHost({ instance, stateDir, script: join(distDir, "terminal-host.mjs"), env });
  const clusters = new SimulatedClusters({
    instance,
    stateDir,
    script: join(distDir, "cluster-host.mjs"),
    hosts: config.clusterHosts,
    env,
    onHostEvent: ({ event, ...fields }) => log.info(fields, event),
  });
  const workstation = openWorkstation(config);
  const store = new PrismaStore(config.databaseUrl, instance);
  const tickets = new Tickets(() => Date.now());

  const fault = (err: unknown): void => {
    log.error({ err }, "not stored");
    // Whoever has taken over must find everything as it is.
    if (err instanceof ManagerFenced) process.exit(1);
  };
  const verdicts = new VerdictLog(store, fault);
  const sandboxes = new Sandboxes({
    parts: { clusters, workstation, terminals },
    store,
    verdicts,
    limits: config.limits,
    workstation: config.workstation,
    // The end of a UUIDv7 is its random part.
    socketPathOf: (sandboxId) => `${stateDir}/s/${sandboxId.slice(-12)}/api.sock`,
    now: () => new Date(),
    log: (event, fields) => log.info(fields, event),
    onStoreError: fault,
  });
  clusters.onEvent((event) => sandboxes.onClusterEvent(event));

  const [{ unfinished }] = await Promise.all([
    store.open(),
    terminals.start(),
    workstation.prepare((step) => log.info({ step }, "preparing workstations")),
  ]);
  await sandboxes.adopt(unfinished);

  const onInternalError = (err: unknown): void => log.error({ err }, "request failed");
  const upgrades = new Upgrades({ sandboxes, tickets, terminals, store, onInternalError });
  const server = await serveJson({
    socketPath: join(stateDir, "manager.sock"),
    routes: managerRoutes({ instance, sandboxes, store, tickets, verdicts }),
    onUpgrade: (request, socket, head) => upgrades.handle(request, socket, head),
    onInternalError,
  });
  const ticking = setInterval(() => {
    Promise.all([sandboxes.tick(), store.heartbeat()]).catch(fault);
  }, TICK_EVERY_MS);

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal, keep }, "stopping");
    clearInterval(ticking);
    await sandboxes.close(keep);
    upgrades.close();
    await server.close();
    await Promise.all([clusters.stop(keep), terminals.stop(keep)]);
    await store.close();
    log.info("stopped");
    process.exit(0);
  };
  const onSignal = (signal: string): void =>
    void stop(signal).catch((err: unknown) => {
      log.error({ err }, "stopping failed");
      process.exit(1);
    });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => onSignal(signal));
  log.info({ pid: process.pid, adopted: unfinished.length, workstation: config.workstation }, "ready");
}

main().catch((error: unknown) => {
  process.stderr.write(`manager: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
