import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { ManagerMetrics } from "../protocol/metrics";
import { removeStaleSocket, serveJson } from "../protocol/node/json-server";
import type { Workstation } from "../workstation/workstation";
import { managerRoutes } from "./api";
import { ClusterDrivers } from "./cluster-drivers";
import type { ManagerConfig } from "./config";
import { inTime } from "./in-time";
import { Journal } from "./journal/journal";
import { openClusters } from "./open-clusters";
import { persist } from "./persist";
import { reviving } from "./reviving";
import type { SandboxRecord } from "./sandbox-record";
import { Metrics } from "./metrics";
import { Sandboxes } from "./sandboxes";
import { ServiceTunnels } from "./service-tunnels";
import { ManagerFenced, type ManagerStore } from "./store";
import { TerminalHost } from "./terminal-host";
import { Tickets } from "./tickets";
import { Upgrades } from "./upgrades";
import { Watchers } from "./watchers";
import { VerdictLog } from "./verdict-log";

export interface ManagerParts {
  readonly workstation: Workstation;
  readonly store: ManagerStore;
  readonly log: Logger;
  /** Another manager has taken over: this one must end at once and touch nothing more. */
  readonly onFenced: () => void;
  /** How long a database is waited for that does not answer when the manager starts; half a minute if not given. */
  readonly databasePatienceMs?: number;
}

export interface Manager {
  readonly socketPath: string;
  /**
   * `end` stops every sandbox and every process that was started for them; `keep` leaves them to the next manager of
   * this instance.
   */
  close(sandboxes: "keep" | "end"): Promise<void>;
}

const LONGEST_TICK_MS = 15_000;
const JOURNAL_TICK_MS = 1_000;
const CLOSING_PATIENCE_MS = 8_000;
/** Real clusters take their time to end. */
const CLOSE_STEP_MS = { keep: 15_000, end: 150_000 } as const;
const FORGET_EVERY_MS = 3_600_000;
const DATABASE_PATIENCE_MS = 30_000;

/** A database that is just being started again is waited for. */
async function opened(
  { store, databasePatienceMs = DATABASE_PATIENCE_MS }: Pick<ManagerParts, "store" | "databasePatienceMs">,
  onError: (error: unknown) => void,
): Promise<{ unfinished: readonly SandboxRecord[] }> {
  let result: { unfinished: readonly SandboxRecord[] } | undefined;
  const open = async (): Promise<void> => void (result = await store.open());
  await persist(open, { onError, patienceMs: () => databasePatienceMs });
  return result ?? store.open();
}

/**
 * The manager: state, tickets, limits. It holds no PTY and no cluster: those live in processes that it starts
 * detached, or finds. Resolves when it answers on `<stateDir>/manager.sock`.
 */
export async function startManager(config: ManagerConfig, parts: ManagerParts): Promise<Manager> {
  const { instance, stateDir, distDir, childEnv: env, speaks } = config;
  const { workstation, store, log } = parts;
  const socketPath = join(stateDir, "manager.sock");
  mkdirSync(join(stateDir, "s"), { recursive: true, mode: 0o711 });
  // Before anything is taken over: a manager that lives is not to be robbed of its sandboxes.
  await removeStaleSocket(socketPath);

  const terminals = new TerminalHost({ instance, stateDir, speaks, script: join(distDir, "terminal-host.mjs"), env });
  const clusters = new ClusterDrivers(
    config.drivers.map((driver) =>
      openClusters(driver, config, ({ event, ...fields }) => log.info({ driver, ...fields }, event)),
    ),
    (driver, err) => log.error({ driver, err }, "clusters out of reach"),
  );
  const tickets = new Tickets(() => Date.now());
  let closing = false;
  const fault = (err: unknown): void => {
    log.error({ err }, "not stored");
    if (err instanceof ManagerFenced) parts.onFenced();
  };
  const verdicts = new VerdictLog(store, fault, () => (closing ? CLOSING_PATIENCE_MS : Infinity));
  const partsOfAll = { clusters, workstation: reviving(workstation), terminals };
  const logEvent = (event: string, fields: Readonly<Record<string, unknown>>): void => log.info(fields, event);
  const journal = new Journal({
    parts: partsOfAll,
    store: store.journal,
    now: () => new Date(),
    log: logEvent,
    onSaved: (sandboxId, at) => sandboxes.noteSaved(sandboxId, at),
  });
  const metrics = new Metrics();
  const sandboxes = new Sandboxes({
    metrics,
    parts: partsOfAll,
    store,
    journal,
    verdicts,
    limits: config.limits,
    workstation: config.workstation,
    drivers: config.drivers,
    // The end of a UUIDv7 is its random part.
    socketPathOf: (sandboxId) => `${stateDir}/s/${sandboxId.slice(-12)}/api.sock`,
    now: () => new Date(),
    log: logEvent,
    onStoreError: fault,
  });
  clusters.onEvent((event) => sandboxes.onClusterEvent(event));

  const takeOver = async (): Promise<number> => {
    await workstation.prepare((step) => log.info({ step }, "preparing workstations"));
    const opening = opened(parts, (err) => log.error({ err }, "the database does not answer"));
    const [{ unfinished }] = await Promise.all([opening, terminals.start()]);
    await sandboxes.adopt(unfinished);
    return unfinished.length;
  };
  const adopted = await takeOver().catch(async (error: unknown) => {
    await Promise.allSettled([clusters.stop("abandon"), terminals.stop("abandon"), store.close("keep")]);
    throw error;
  });

  const report = (): ManagerMetrics =>
    metrics.report(
      sandboxes.views().map(({ state }) => state.phase),
      { journalLagMs: journal.lagMs(), residentBytes: process.memoryUsage.rss(), uptimeSeconds: process.uptime() },
    );
  const onInternalError = (err: unknown): void => log.error({ err }, "request failed");
  const watchers = new Watchers(sandboxes, Date.now);
  const tunnels = new ServiceTunnels(sandboxes, clusters);
  const upgrades = new Upgrades({ speaks, sandboxes, tickets, tunnels, watchers, terminals, store, onInternalError });
  const server = await serveJson({
    socketPath,
    identity: { instance, process: "manager" },
    speaks,
    routes: managerRoutes({
      sandboxes,
      clusters,
      watchers,
      store,
      tickets,
      verdicts,
      metrics: report,
      drivers: () => clusters.standing(),
    }),
    onUpgrade: (request, socket, head) => upgrades.handle(request, socket, head),
    onInternalError,
  });
  const renew = async (): Promise<void> => {
    await store.heartbeat();
    const records = await store.takeOver();
    if (records.length > 0) log.info({ count: records.length }, "taking over");
    await sandboxes.takeOver(records);
    await sandboxes.endForgotten();
  };
  let ticked: Promise<unknown> = Promise.resolve();
  const ticking = setInterval(
    () => {
      ticked = Promise.all([sandboxes.tick(), renew()]).catch(fault);
    },
    // Often enough that a short life is not over much too late.
    Math.min(LONGEST_TICK_MS, config.limits.idleMs / 10, config.limits.lifetimeMs / 10),
  );
  const writing = setInterval(() => {
    journal.tick().catch(fault);
  }, JOURNAL_TICK_MS);
  const forget = (): void => void store.forgetOld().catch(fault);
  forget();
  const forgetting = setInterval(forget, FORGET_EVERY_MS);
  log.info({ pid: process.pid, adopted, workstation: config.workstation }, "ready");

  return {
    socketPath,
    close: async (mode) => {
      closing = true;
      clearInterval(ticking);
      clearInterval(writing);
      clearInterval(forgetting);
      // Whatever hangs, a successor waits: the rest is done all the same.
      const step = (name: string, work: Promise<unknown>): Promise<void> =>
        inTime(work, CLOSE_STEP_MS[mode], () => log.error({ step: name }, "not done in time"));
      await step("last look", ticked);
      await step("sandboxes", sandboxes.close(mode));
      upgrades.close();
      tunnels.close();
      await step("socket", server.close());
      await step("hosts", Promise.all([clusters.stop(mode), terminals.stop(mode)]));
      if (mode === "end") await step("workstations", workstation.close());
      await step("database", store.close(mode));
    },
  };
}
