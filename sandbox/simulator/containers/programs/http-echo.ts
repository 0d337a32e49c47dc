import type { Process } from "../processes/process";
import { goFlag, goTime, listenAndServe, textReply, untilStopped } from "./go-server";

/** hashicorp/http-echo: answers every request with one text. https://github.com/hashicorp/http-echo */
export async function httpEcho(process: Process): Promise<number> {
  const args = process.argv.slice(1);
  const text = goFlag(args, "text") ?? process.env.get("ECHO_TEXT");
  const listen = goFlag(args, "listen") ?? ":5678";
  const status = Number(goFlag(args, "status-code") ?? 200);
  if (text === undefined || text === "") {
    await process.complain("Missing -text option!\n");
    return 127;
  }
  const port = Number(/:(\d+)$/.exec(listen)?.[1] ?? 5678);
  const log = (line: string): Promise<void> => process.print(`${goTime(process.clock.now())} ${line}\n`);
  const problem = listenAndServe(process, port, async (request) => {
    const body = `${text}\n`;
    const { address, port: from } = request.remote;
    const host = request.head.headers.get("host") ?? "";
    const agent = request.head.headers.get("user-agent") ?? "";
    await log(
      `${host} ${address}:${from} "${request.method} ${request.target} ${request.version}" ${status} ${body.length} "${agent}" 21.403µs`,
    );
    return textReply(process, body, status, [
      ["X-App-Name", "http-echo"],
      ["X-App-Version", "1.0.0"],
    ]);
  });
  if (problem !== undefined) {
    await log(`[ERR] server exited with: ${problem}`);
    return 1;
  }
  await log(`[INFO] server is listening on ${listen}`);
  await untilStopped(process);
  await log(`[INFO] received interrupt, shutting down...`);
  return 0;
}
