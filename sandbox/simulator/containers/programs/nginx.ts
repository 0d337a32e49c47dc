import type { Process } from "../processes/process";
import { type NginxConfig, NginxConfigError, readNginxConfig } from "./nginx-config";
import { readOr, stamp } from "./nginx-log";
import { NginxMaster } from "./nginx-master";

const CONFIG = "/etc/nginx/nginx.conf";

/** The nginx web server: static files and fixed answers as its configuration says, until SIGTERM or SIGQUIT. */
export async function nginx(process: Process): Promise<number> {
  const version = process.env.get("NGINX_VERSION") ?? "1.29.3";
  const options = parseArguments(process.argv.slice(1));
  if (options.kind === "version") {
    await process.complain(`nginx version: nginx/${version}\n`);
    return 0;
  }
  if (options.kind === "help") {
    await process.complain(
      `nginx version: nginx/${version}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n`,
    );
    return options.bad === undefined ? 0 : 1;
  }
  if (options.kind === "signal") return signalMaster(process, options.signal);
  let config: NginxConfig;
  try {
    config = readNginxConfig(process, options.config ?? CONFIG);
  } catch (error) {
    if (!(error instanceof NginxConfigError)) throw error;
    const text = options.test
      ? `nginx: [emerg] ${error.message}\nnginx: configuration file ${options.config ?? CONFIG} test failed\n`
      : `${stamp(process)} [emerg] ${process.pid}#${process.pid}: ${error.message}\nnginx: [emerg] ${error.message}\n`;
    await process.complain(text);
    return 1;
  }
  if (options.test) {
    await process.complain(
      `nginx: the configuration file ${options.config ?? CONFIG} syntax is ok\nnginx: configuration file ${options.config ?? CONFIG} test is successful\n`,
    );
    return 0;
  }
  const daemon = !/daemon\s+off/.test(options.directives) && config.daemon;
  if (!daemon) return new NginxMaster(process, version, config, options.config ?? CONFIG).run();
  // The parent goes; the server runs on as a child of number 1.
  process.spawn({
    program: (child) => new NginxMaster(child, version, config, options.config ?? CONFIG).run(),
    argv: process.argv,
    ownGroup: true,
  });
  return 0;
}

type Arguments =
  | { kind: "version" }
  | { kind: "help"; bad?: string }
  | { kind: "signal"; signal: string }
  | { kind: "run"; test: boolean; config: string | undefined; directives: string };

function parseArguments(words: readonly string[]): Arguments {
  let test = false;
  let config: string | undefined;
  let directives = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-v" || word === "-V") return { kind: "version" };
    if (word === "-h" || word === "-?") return { kind: "help" };
    if (word === "-t" || word === "-T") test = true;
    else if (word === "-g") directives += `${words[++at] ?? ""} `;
    else if (word === "-c") config = words[++at];
    else if (word === "-s") return { kind: "signal", signal: words[++at] ?? "" };
    else if (word === "-p" || word === "-e") at++;
    else if (word !== "-q") return { kind: "help", bad: word };
  }
  return { kind: "run", test, config, directives };
}

async function signalMaster(process: Process, name: string): Promise<number> {
  const signal = ({ reload: "HUP", reopen: "USR1", quit: "QUIT", stop: "TERM" } as const)[name];
  if (!signal) {
    await process.complain(`nginx: invalid option: "-s ${name}"\n`);
    return 1;
  }
  const pid = Number(readOr(process, "/run/nginx.pid", "").trim() || readOr(process, "/var/run/nginx.pid", ""));
  const master = process.machine.processes.get(pid);
  if (!master) {
    await process.complain(
      `${stamp(process)} [error] ${process.pid}#${process.pid}: open() "/run/nginx.pid" failed (2: No such file or directory)\nnginx: [error] open() "/run/nginx.pid" failed (2: No such file or directory)\n`,
    );
    return 1;
  }
  await process.complain(`${stamp(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
  master.signal(signal);
  return 0;
}
