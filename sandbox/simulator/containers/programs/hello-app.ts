import type { Process } from "../processes/process";
import { goTime, listenAndServe, textReply, untilStopped } from "./go-server";

/** google-samples/hello-app: https://github.com/GoogleCloudPlatform/kubernetes-engine-samples */
export async function helloApp(process: Process): Promise<number> {
  const port = Number(process.env.get("PORT") ?? 8080);
  const version = process.env.get("HELLO_VERSION") ?? "1.0.0";
  const log = (text: string): Promise<void> => process.complain(`${goTime(process.clock.now())} ${text}\n`);
  const problem = listenAndServe(process, port, async (_, url) => {
    await log(`Serving request: ${url.pathname}`);
    return textReply(process, `Hello, world!\nVersion: ${version}\nHostname: ${process.machine.hostname}\n`);
  });
  if (problem !== undefined) {
    await log(problem);
    return 1;
  }
  await log(`Server listening on port ${port}`);
  await untilStopped(process);
  return 0;
}
