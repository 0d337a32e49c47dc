import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { z } from "zod";

const INSPECTOR = "http://127.0.0.1:9229/json/list";
const WITHIN_MS = 10_000;

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const answerSchema = z.object({
  id: z.number(),
  result: z.object({ result: z.object({ value: z.unknown() }).optional() }).optional(),
});
const memorySchema = z.object({ pid: z.number(), used: z.number(), resident: z.number() });

/** What a Node process holds after its garbage was collected, bytes. */
export interface NodeMemory {
  /** On its heap, and outside of it for what is on its heap. */
  readonly used: number;
  readonly resident: number;
}

/**
 * Asks a running Node process, as a debugger would: its inspector opens by a signal and is closed again. One at a time,
 * for all of them open it at the same port. @throws Error when another process has that port
 */
export async function memoryOf(pid: number): Promise<NodeMemory> {
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await addressOf(), { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  try {
    for (const _ of ["what is dead", "what its finalizers held"]) await ask(socket, "HeapProfiler.collectGarbage");
    const memory = memorySchema.parse(await evaluate(socket, MEASURE));
    if (memory.pid !== pid) throw new Error(`port 9229 is another process's: ${memory.pid}`);
    return { used: memory.used, resident: memory.resident };
  } finally {
    await evaluate(socket, CLOSE).catch(() => undefined);
    socket.terminate();
    await closed();
  }
}

const MEASURE = `(() => {
  const { heapUsed, external, rss } = process.memoryUsage();
  return { pid: process.pid, used: heapUsed + external, resident: rss };
})()`;
const CLOSE = `void setTimeout(() => process.getBuiltinModule("inspector").close(), 50)`;

async function addressOf(): Promise<string> {
  const deadline = performance.now() + WITHIN_MS;
  for (;;) {
    const targets = await targetsNow();
    if (targets?.[0]) return targets[0].webSocketDebuggerUrl;
    if (performance.now() > deadline) throw new Error("no inspector at port 9229");
    await sleep(50);
  }
}

async function closed(): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline && (await targetsNow())) await sleep(50);
}

function targetsNow(): Promise<z.infer<typeof targetsSchema> | undefined> {
  return fetch(INSPECTOR, { signal: AbortSignal.timeout(WITHIN_MS) }).then(
    async (response) => targetsSchema.parse(await response.json()),
    () => undefined, // not open, or not any more
  );
}

async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
  return ask(socket, "Runtime.evaluate", { expression, returnByValue: true });
}

let asked = 0;

function ask(socket: WebSocket, method: string, params: object = {}): Promise<unknown> {
  const id = ++asked;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), WITHIN_MS);
    const listen = (data: Buffer): void => {
      const answer = answerSchema.safeParse(JSON.parse(data.toString()));
      if (answer.data?.id !== id) return;
      clearTimeout(timer);
      socket.off("message", listen);
      resolve(answer.data.result?.result?.value);
    };
    socket.on("message", listen);
    socket.send(JSON.stringify({ id, method, params }));
  });
}
