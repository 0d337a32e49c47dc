import type { HttpReply } from "../http/server";
import { loadExecutable } from "../processes/executable";
import type { Process } from "../processes/process";
import { grpcHealthChecking } from "./agnhost-grpc";
import { webhook } from "./agnhost-webhook";
import { goFlag, goTime, listenAndServe, textReply, untilStopped } from "./go-server";

/** What the kinds of agnhost do: https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost */
const COMMANDS: Readonly<Record<string, ((process: Process, args: readonly string[]) => Promise<number>) | undefined>> =
  {
    netexec,
    "serve-hostname": serveHostname,
    liveness,
    webhook,
    "grpc-health-checking": grpcHealthChecking,
    pause: async (process) => {
      await process.print("Paused\n");
      await untilStopped(process);
      return 0;
    },
    "entrypoint-tester": async (process) => {
      await process.print(`${process.argv.join(" ")}\n`);
      return 0;
    },
  };

/** agnhost: one program for many purposes in tests of clusters. */
export async function agnhost(process: Process): Promise<number> {
  const [, name, ...args] = process.argv;
  const command = COMMANDS[name ?? ""];
  if (command) return command(process, args);
  if (name === undefined || name === "help" || name === "--help") {
    await process.print(
      `Usage:\n  app [command]\n\nAvailable Commands:\n${Object.keys(COMMANDS)
        .sort()
        .map((each) => `  ${each}\n`)
        .join("")}\n`,
    );
    return 0;
  }
  await process.complain(`Error: unknown command "${name}" for "app"\nRun 'app --help' for usage.\n`);
  return 1;
}

async function netexec(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, "http-port") ?? 8080);
  const udpPort = Number(goFlag(args, "udp-port") ?? 8081);
  const log = (text: string): Promise<void> => process.complain(`${goTime(process.clock.now())} ${text}\n`);
  const stop: { code?: number } = {};
  const problem = listenAndServe(process, port, async (request, url) => {
    await log(`${request.method} ${request.target}`);
    const { hostname } = process.machine;
    switch (url.pathname) {
      case "/":
        return textReply(process, `NOW: ${goNow(process)}`);
      case "/echo":
        return textReply(process, url.searchParams.get("msg") ?? "");
      case "/hostname":
      case "/hostName":
        return textReply(process, hostname);
      case "/clientip":
        return textReply(process, `${request.remote.address}:${request.remote.port}`);
      case "/header":
        return textReply(process, request.head.headers.get((url.searchParams.get("key") ?? "").toLowerCase()) ?? "");
      case "/healthz":
        return textReply(process, "");
      case "/exit":
        stop.code = Number(url.searchParams.get("code") ?? 0);
        process.signal("TERM");
        return textReply(process, "");
      case "/shell":
        return shell(process, url.searchParams.get("shell") ?? url.searchParams.get("cmd") ?? "");
      default:
        return textReply(process, "404 page not found\n", 404);
    }
  });
  if (problem !== undefined) {
    await log(problem);
    return 1;
  }
  if (udpPort > 0) {
    const udp = process.machine.network.serveDatagrams(udpPort, (datagram, from) =>
      Promise.resolve(new TextEncoder().encode(answerDatagram(process, new TextDecoder().decode(datagram), from))),
    );
    process.onEnd(() => udp.close());
    await log(`Started UDP server on port  ${udpPort}`);
  }
  await log(`Started HTTP server on port ${port}`);
  await untilStopped(process);
  return stop.code ?? 0;
}

function answerDatagram(process: Process, text: string, from: { address: string; port: number }): string {
  const [command = "", ...words] = text.trim().split(" ");
  if (command === "hostname" || command === "hostName") return process.machine.hostname;
  if (command === "clientip") return `${from.address}:${from.port}`;
  return command === "echo" ? words.join(" ") : "";
}

async function shell(process: Process, command: string): Promise<HttpReply> {
  const { input, output } = process.pipe();
  const child = process.spawn({
    ...loadExecutable(process.machine, process, "/bin/sh", ["sh", "-c", command]),
    descriptors: new Map([
      [1, output],
      [2, output],
    ]),
  });
  output.release();
  let text = "";
  for (let chunk = await input.read(65_536, process); chunk; chunk = await input.read(65_536, process))
    text += new TextDecoder().decode(chunk);
  input.release();
  const { code } = await process.wait(child);
  const result = code === 0 ? { output: text } : { output: text, error: `exit status ${code}` };
  return textReply(process, JSON.stringify(result));
}

async function serveHostname(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, "port") ?? 9376);
  const problem = listenAndServe(process, port, () => textReply(process, process.machine.hostname));
  if (problem !== undefined) {
    await process.complain(`${goTime(process.clock.now())} ${problem}\n`);
    return 1;
  }
  await process.complain(`${goTime(process.clock.now())} Serving on port ${port}.\n`);
  await untilStopped(process);
  return 0;
}

/** Healthy for the first ten seconds, then not. */
async function liveness(process: Process): Promise<number> {
  const began = process.clock.now();
  const problem = listenAndServe(process, 8080, (_, url) => {
    const seconds = (process.clock.now() - began) / 1000;
    if (url.pathname === "/started") return textReply(process, `${seconds}s`);
    if (url.pathname !== "/healthz") return textReply(process, "404 page not found\n", 404);
    return seconds > 10 ? textReply(process, `error: ${seconds}`, 500) : textReply(process, "ok");
  });
  if (problem !== undefined) return 1;
  await untilStopped(process);
  return 0;
}

/** `2026-11-21 14:03:27.123 +0000 UTC m=+12.345` */
function goNow(process: Process): string {
  const now = process.clock.now();
  const time = new Date(now).toISOString().replace("T", " ").replace("Z", "");
  return `${time} +0000 UTC m=+${((now - process.startedAt) / 1000).toFixed(3)}`;
}
