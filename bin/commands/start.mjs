import { parseArgs } from "node:util";
import { Failure } from "../failure.mjs";
import { prepare, startInstallation } from "../installation.mjs";
import { adminLink } from "./admin.mjs";
import { elapsedSeconds } from "../progress.mjs";

/** `slipway start`: installs, builds and runs everything until Ctrl-C. */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: "string", default: process.env.PORT ?? "3000" },
      host: { type: "string", default: "127.0.0.1" },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Failure(`"${values.port}" is not a port.`, "Give a number from 1 to 65535: --port 3100");

  console.error("Slipway");
  const workstations = await prepare();
  if (workstations.mode === "host") warnOfHostMode(values.host, workstations.advice);
  const ended = {};
  const end = new Promise((resolve) => (ended.by = resolve));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => ended.by(undefined));
  const installation = await startInstallation({ port, host: values.host, onExit: (name) => ended.by(name) });
  console.log(
    `Slipway is ready at ${await doorOf(installation, workstations)} (${elapsedSeconds().toFixed(1)} s). Ctrl-C stops it.`,
  );
  const failed = await end;
  console.error("\nStopping …");
  await installation.stop();
  if (failed)
    throw new Failure(
      `The ${failed} process ended again and again.`,
      `Its log is ${installation.stateDir}/logs/${failed}.log`,
    );
}

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** Shells without isolation are for one person on this machine: never on an address that others can reach. */
function warnOfHostMode(host, advice) {
  if (!LOOPBACK.includes(host)) {
    throw new Failure(`Without containers Slipway serves loopback only, not ${host}.`, advice);
  }
  console.error(`  ! HOST MODE: shells run as you, without isolation. Only for yourself, on this machine. ${advice}`);
}

/** The address to open. Shells of this user are never for guests: the address then carries a token, good once. */
async function doorOf({ url, databaseUrl }, { mode }) {
  return mode === "host" ? adminLink(databaseUrl, url) : url;
}
