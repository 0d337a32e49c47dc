import { mismatch, type Case, type Step } from "./scenario";
import { startServedCluster, type Outcome, type ServedCluster } from "./served-cluster";

const RETRY_LIMIT_MS = 20_000;
const RETRY_PAUSE_MS = 150;

/** Programs on the PATH of a scenario's commands, by name. */
export type Programs = Readonly<Record<string, string>>;

/** Plays the cases one after the other on a cluster of their own. For each: its first fault, or "". */
export async function play(cases: readonly Case[], programs: Programs): Promise<string[]> {
  const cluster = await startServedCluster();
  try {
    const faults: string[] = [];
    for (const one of cases) faults.push((await playCase(cluster, one, programs)) ?? "");
    return faults;
  } finally {
    await cluster.stop();
  }
}

async function playCase(cluster: ServedCluster, { steps }: Case, programs: Programs): Promise<string | undefined> {
  for (const step of steps) {
    const attempt = (): Promise<string | undefined> => faultOf(cluster, step, programs);
    const fault = await (step.isRetried ? retried(attempt) : attempt());
    if (fault !== undefined) return `line ${step.line}: ${step.command}\n${fault}`;
  }
  return undefined;
}

async function faultOf(cluster: ServedCluster, step: Step, programs: Programs): Promise<string | undefined> {
  const outcome = await cluster.sh(step.command, programs);
  const outputFault = mismatch(step.expected, said(outcome));
  if (outcome.exit === step.exit) return outputFault;
  return `exit code ${outcome.exit}, not ${step.exit}\n${outputFault ?? said(outcome)}`;
}

function said({ stdout, stderr }: Outcome): string {
  return stdout === "" || stdout.endsWith("\n") ? stdout + stderr : `${stdout}\n${stderr}`;
}

async function retried(attempt: () => Promise<string | undefined>): Promise<string | undefined> {
  const end = performance.now() + RETRY_LIMIT_MS;
  let fault = await attempt();
  while (fault !== undefined && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    fault = await attempt();
  }
  return fault;
}
