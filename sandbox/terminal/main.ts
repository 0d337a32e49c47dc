import { pino } from "pino";
import { logDestination } from "../protocol/node/log";
import { readConfig } from "./config";
import { serveTerminals } from "./host-server";
import { spawnNodePty } from "./node-pty";
import { Terminals } from "./terminals";

/**
 * The terminal-host: it holds PTYs and their last output, and nothing else, so it hardly ever needs to be replaced.
 * The manager starts it detached; the next manager finds it by its socket. SIGTERM ends it and every shell in it.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino(
    { name: "terminal-host", level: config.logLevel, base: { instance: config.instance } },
    logDestination(),
  );
  const terminals = new Terminals(spawnNodePty);
  const server = await serveTerminals({
    instance: config.instance,
    socketPath: config.socketPath,
    speaks: config.speaks,
    terminals,
    onFault: (error) => log.error({ err: error }, "request failed"),
  });

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal, terminals: terminals.list().length }, "stopping");
    await terminals.close();
    await server.close();
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  // The one who started it may be gone, and the terminal it had with it.
  process.on("SIGHUP", () => undefined);
  log.info({ socket: config.socketPath, pid: process.pid }, "listening");
}

main().catch((error: unknown) => {
  process.stderr.write(`terminal-host: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
