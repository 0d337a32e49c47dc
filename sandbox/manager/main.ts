import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { logDestination } from "../protocol/node/log";
import { readConfig } from "./config";
import { startManager } from "./manager";
import { openWorkstation } from "./open-workstation";
import { PrismaStore } from "./prisma-store";

/** The manager's process. SIGTERM ends everything; with `--keep` it leaves all that runs to its successor. */
async function main(): Promise<void> {
  const scriptDir = dirname(fileURLToPath(import.meta.url));
  const config = readConfig(process.env, { isRoot: process.getuid?.() === 0, platform: process.platform, scriptDir });
  const mode = process.argv.includes("--keep") ? "keep" : "end";
  const log = pino({ name: "manager", level: config.logLevel, base: { instance: config.instance } }, logDestination());
  const manager = await startManager(config, {
    workstation: openWorkstation(config),
    store: new PrismaStore(config.databaseUrl, config.instance, config.place),
    log,
    onFenced: () => process.exit(1),
  });

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal, mode }, "stopping");
    await manager.close(mode);
    log.info("stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      stop(signal).catch((err: unknown) => {
        log.error({ err }, "stopping failed");
        process.exit(1);
      });
    });
  }
  process.on("SIGHUP", () => undefined);
}

main().catch((error: unknown) => {
  process.stderr.write(`manager: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
