import type { Process } from "../processes/process";
import { goTime, listenAndServe, textReply, untilStopped } from "./go-server";

/**
 * The course's own web server, told by its environment what to do wrong:
 *
 *   PORT             8080
 *   MESSAGE          what it answers; the name of the pod follows
 *   STARTUP_SECONDS  how long until it listens
 *   DELAY_SECONDS    how long each answer takes
 *   FAIL_EVERY       every n-th request is answered with 500
 *   CRASH_AFTER      it ends with code 1 after so many requests
 *
 * `/healthz` answers 200 as soon as it listens, without delay, failure or count.
 */
export async function demoWeb(process: Process): Promise<number> {
  const setting = (name: string, otherwise: number): number => {
    const value = Number(process.env.get(name) ?? otherwise);
    return Number.isFinite(value) && value >= 0 ? value : otherwise;
  };
  const log = (text: string): Promise<void> => process.print(`${goTime(process.clock.now())} ${text}\n`);
  const port = setting("PORT", 8080);
  const message = process.env.get("MESSAGE") ?? "hello";
  const [delay, failEvery, crashAfter] = [
    setting("DELAY_SECONDS", 0),
    setting("FAIL_EVERY", 0),
    setting("CRASH_AFTER", 0),
  ];
  await log(`starting, this takes ${setting("STARTUP_SECONDS", 0)} s`);
  const startup = process.sleep(setting("STARTUP_SECONDS", 0) * 1000);
  await startup;
  let requests = 0;
  const crashed: { reason?: string } = {};
  const problem = listenAndServe(process, port, async (request, url) => {
    if (url.pathname === "/healthz") return textReply(process, "ok\n");
    requests++;
    const number = requests;
    if (delay > 0) await process.sleep(delay * 1000);
    if (crashAfter > 0 && number > crashAfter) {
      crashed.reason = `request ${number} was one too many`;
      process.signal("TERM");
      return textReply(process, "gone\n", 503);
    }
    const failed = failEvery > 0 && number % failEvery === 0;
    await log(`${request.method} ${request.target} from ${request.remote.address}: ${failed ? 500 : 200}`);
    return failed
      ? textReply(process, `something went wrong in ${process.machine.hostname}\n`, 500)
      : textReply(process, `${message} from ${process.machine.hostname}\n`);
  });
  if (problem !== undefined) {
    await process.complain(`${problem}\n`);
    return 1;
  }
  await log(`listening on :${port}`);
  await untilStopped(process);
  if (crashed.reason === undefined) return 0;
  await process.complain(`fatal: ${crashed.reason}\n`);
  return 1;
}
