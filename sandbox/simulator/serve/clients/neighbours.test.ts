import { afterAll, beforeAll, expect, it } from "vitest";
import { Core, SHARED_PROCESS } from "../../containers/processes/core";
import { ownProgram } from "./programs";
import { startServedCluster, type ServedCluster } from "./served-cluster";

/** What a learner may do to a process that others share, by mistake or not. */
const ABUSES: Readonly<Record<string, string>> = {
  "a regular expression made to take for ever":
    "yes aaaaaaaaaaaaaaa | tr -d '\\n' | head -c 60000 > /tmp/a; while :; do grep -E '^(a|a|a|a|a|a|a)*(a*)*b$' /tmp/a; sed -E 's/(a?){40}(a*)*$/b/' /tmp/a; done",
  "an awk loop": "awk 'BEGIN { while (1) x = x + 1 }'",
  "a flood to the log": "yes flood | head -c 200M",
  "a flood to nowhere": "cat /dev/zero | head -c 200M | wc -c > /dev/null; sleep 60",
  "a storm of processes": "while :; do for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; sleep 1; done",
};
const SAMPLES = 10;
/** What a machine with other things to do may add at any time. */
const NOISE_MS = 150;
const programs = { kubectl: ownProgram("kubectl") };

let abuser: ServedCluster;
let neighbour: ServedCluster;

beforeAll(async () => {
  const core = new Core(SHARED_PROCESS);
  [abuser, neighbour] = await Promise.all([startServedCluster({ core }), startServedCluster({ core })]);
  await slowGet();
}, 120_000);
afterAll(() => Promise.all([abuser.stop(), neighbour.stop()]));

/** How long the slowest but one of some `kubectl get pods` takes, in milliseconds: the very slowest met a busy machine. */
async function slowGet(): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const began = performance.now();
    const { exit } = await neighbour.sh("kubectl get pods -A", programs);
    expect(exit).toBe(0);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b).at(-2) ?? 0;
}

// Quiet and busy are measured one right after the other: how fast this machine is at the time does not matter.
it.each(Object.entries(ABUSES))(
  "leaves a neighbour's kubectl at twice its quiet time or less beside %s",
  { timeout: 120_000, retry: 2 },
  async (_, script) => {
    const name = `abuse-${performance.now().toFixed(0)}`;
    const command = `kubectl run ${name} --image=busybox --restart=Never -- sh -c '${script.replaceAll("'", "'\\''")}'`;
    const quiet = await slowGet();
    expect(await abuser.sh(command, programs)).toMatchObject({ exit: 0 });
    await abuser.sh(`kubectl wait --for=condition=Ready pod/${name} --timeout=30s`, programs);
    try {
      expect(await slowGet()).toBeLessThanOrEqual(2 * quiet + NOISE_MS);
    } finally {
      await abuser.sh(`kubectl delete pod ${name} --now`, programs);
    }
  },
);
