import { setTimeout as sleep } from "node:timers/promises";
import { Histogram } from "./histogram";
import type { LoadLearner } from "./sandboxes-learner";

/** What a learner types, over and over: seven of ten are kubectl. None of them fails, wherever it is begun. */
const COMMANDS: readonly ((round: number) => string)[] = [
  () => "kubectl get pods",
  () => "ls -la",
  (round) => `kubectl create deployment web-${round} --image=nginx:1.27 --replicas=2`,
  () => "kubectl get pods -o wide",
  (round) => `echo "note ${round}" >> notes.txt`,
  () => "kubectl get nodes",
  () => "kubectl describe deployments",
  () => "head -n 5 ~/.kube/config",
  () => "kubectl get events",
  () => "kubectl delete deployments --all",
];

export interface Live {
  readonly commands: number;
  readonly errors: readonly string[];
  readonly all: Histogram;
  readonly kubectl: Histogram;
}

/** Learners at work for that long: each types one command every `everyMs`, their turns evenly spread. */
export async function measureLive(
  learners: readonly LoadLearner[],
  { everyMs, windowMs }: { everyMs: number; windowMs: number },
): Promise<Live> {
  const live = { commands: 0, errors: [] as string[], all: new Histogram(), kubectl: new Histogram() };
  const end = performance.now() + windowMs;
  await Promise.all(
    learners.map(async (learner, index) => {
      // Also spread over what they type: else all would do the same at the same time.
      let turn = index % COMMANDS.length;
      for (let at = performance.now() + (index / learners.length) * everyMs; at < end; at += everyMs) {
        await sleep(Math.max(0, at - performance.now()));
        const round = Math.floor(turn / COMMANDS.length);
        const command = COMMANDS[turn % COMMANDS.length]?.(round) ?? "true";
        turn++;
        live.commands++;
        try {
          const { status, ms } = await learner.run(command);
          if (status !== 0) live.errors.push(`"${command}" ended with ${status}`);
          live.all.add(ms);
          if (command.startsWith("kubectl")) live.kubectl.add(ms);
        } catch (error) {
          live.errors.push(error instanceof Error ? error.message : String(error));
        }
      }
    }),
  );
  for (const { fault } of learners) if (fault !== undefined) live.errors.push(fault);
  return live;
}
