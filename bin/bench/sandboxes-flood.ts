import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { figure, percentile, reported, type Figure } from "./figures";
import { keysFrame, type LoadLearner } from "./sandboxes-learner";

const FLOODS = 10;
const FLOOD_MS = 700;
const SILENT_MS = 3_000;
const INTERRUPT = keysFrame("\x03");

/** One `yes` that nobody stops: how soon Ctrl-C is answered, and what it costs when its viewer does not keep up. */
export async function measureFlood(learner: LoadLearner, terminalHostPid: number): Promise<Figure[]> {
  const answers: number[] = [];
  for (let i = 0; i < FLOODS; i++) answers.push(await interruptFlood(learner));
  const before = residentMb(terminalHostPid);
  let received = 0;
  learner.listen({ onOutput: (_, start, end) => void (received += end - start) });
  learner.acknowledges = false;
  learner.send(keysFrame("yes\r"));
  let most = before;
  for (let waited = 0; waited < SILENT_MS; waited += 100) {
    await sleep(100);
    most = Math.max(most, residentMb(terminalHostPid));
  }
  learner.listen(undefined);
  learner.acknowledges = true;
  learner.send(INTERRUPT);
  learner.cut();
  await learner.attach();
  return [
    reported(
      "flood-interrupt-p95",
      `Ctrl-C in a flood of \`yes\` → the prompt is there, behind all that was on its way; a viewer that keeps up, p95 of ${FLOODS}`,
      "ms",
      percentile(answers, 0.95),
      50,
    ),
    figure(
      "flood-unread",
      `bytes of a flood that are sent to a viewer which acknowledges nothing, in ${SILENT_MS / 1000} seconds`,
      "MB",
      received / 1e6,
      1,
    ),
    reported("flood-memory", "growth of the terminal-host's resident memory meanwhile", "MB", most - before, 1),
  ];
}

async function interruptFlood(learner: LoadLearner): Promise<number> {
  const flooding = learner.whilePrinting(keysFrame("yes\r"));
  await sleep(FLOOD_MS);
  const begin = performance.now();
  const answered = flooding.prompt();
  learner.send(INTERRUPT);
  await answered;
  return performance.now() - begin;
}

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}
