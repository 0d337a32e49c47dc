import { parseArgs } from "node:util";
import { Failure } from "../failure.mjs";
import { prepare, startInstallation } from "../installation.mjs";
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
  const ended = {};
  const end = new Promise((resolve) => (ended.by = resolve));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => ended.by(undefined));
  const installation = await startInstallation({ port, host: values.host, onExit: (name) => ended.by(name) });
  if (workstations.mode === "host") {
    console.error(
      `  ! Workstations are plain shells of this user, without isolation: for yourself only. ${workstations.advice}`,
    );
  }
  console.log(`Slipway is ready at ${installation.url} (${elapsedSeconds().toFixed(1)} s). Ctrl-C stops it.`);
  const failed = await end;
  console.error("\nStopping …");
  await installation.stop();
  if (failed)
    throw new Failure(
      `The ${failed} process ended again and again.`,
      `Its log is ${installation.stateDir}/logs/${failed}.log`,
    );
}
