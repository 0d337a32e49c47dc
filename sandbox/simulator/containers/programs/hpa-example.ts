import { serveHttp, type HttpReply } from "../http/server";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";

/** What one request costs: the page adds up a million square roots. */
const WORK_MS = 25;

/** The web server of Kubernetes' autoscaling walkthrough: each request keeps a core busy for a moment. */
export async function hpaExample(process: Process): Promise<number> {
  const asked = { stop: false };
  for (const signal of ["TERM", "INT", "WINCH"] as const) process.handle(signal, () => void (asked.stop = true));
  process.machine.meter.hold(process, 11 * 1024 * 1024);
  let free = process.clock.now();
  serveHttp(
    process,
    80,
    async () => {
      // One core: requests wait for each other.
      const now = process.clock.now();
      free = Math.max(free, now) + WORK_MS;
      await process.sleep(free - now);
      process.machine.meter.busy(WORK_MS);
      return reply(200, "OK", "OK!");
    },
    reply(400, "Bad Request", ""),
  );
  while (!asked.stop) {
    try {
      await process.until(new Promise<never>(() => {}));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
  return 0;
}

function reply(status: number, reason: string, text: string): HttpReply {
  const headers = [
    ["Server", "Apache/2.4.10 (Debian)"],
    ["X-Powered-By", "PHP/5.6.14"],
    ["Content-Type", "text/html; charset=UTF-8"],
  ] as const;
  return { status, reason, headers, body: new TextEncoder().encode(text) };
}
