import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { figure, percentile, type Figure } from "./figures";
import { measureClusters, type ClusterHost } from "./idle-clusters";
import { measureKubectl } from "./kubectl";
import { Learner } from "./learner";

const run = promisify(execFile);

export interface FirstLightOptions {
  /** A running installation, e.g. http://localhost:3100. */
  readonly origin: string;
  readonly lessonId: string;
  /** A cluster-host without clusters. */
  readonly host: ClusterHost;
  readonly kubectl: string;
  readonly progress: (what: string) => void;
}

/** The figures of the first milestone: start, kubectl's speed, memory, time to Ready. */
export async function measureFirstLight(options: FirstLightOptions): Promise<Figure[]> {
  options.progress("memory of 50 idle clusters");
  const { memory, clusterStarts, kubeconfig, remove } = await measureClusters(options.host);
  options.progress("kubectl beside the cluster");
  const outside = await measureKubectl(options.kubectl, kubeconfig);
  options.progress("three replicas");
  const ready = await measureReplicas(options.kubectl, kubeconfig);
  await remove();
  options.progress("twenty learners start");
  const prompts: number[] = [];
  for (let i = 0; i < 20; i++) prompts.push(await timeToPrompt(options));
  options.progress("kubectl in a workstation");
  const inside = await measureInside(options);
  const prompt =
    "POST sandbox (makes the guest too), WebSocket, until the shell's prompt has arrived; 20 new guests, one after another, no browser";
  const alternate =
    "p50 of `kubectl get pods` (no pods) ÷ p50 of `kubectl version --client`, 50 alternating warm runs each";
  return [
    figure("prompt-p50", `First keystroke → prompt, p50: ${prompt}`, "ms", percentile(prompts, 0.5), 800),
    figure("prompt-p95", `First keystroke → prompt, p95: ${prompt}`, "ms", percentile(prompts, 0.95), 800),
    figure(
      "cluster-start-p50",
      "POST /v1/clusters to a cluster-host until it answers with the kubeconfig, p50 of 50",
      "ms",
      percentile(clusterStarts, 0.5),
      300,
    ),
    figure("kubectl-outside", `${alternate}, on the machine`, "ratio", outside, 1.2),
    figure("kubectl-inside", `${alternate}, typed in a learner's workstation`, "ratio", inside, 1.35),
    figure(
      "memory-per-idle-cluster",
      "(RSS of a cluster-host with 50 idle clusters − with 0) ÷ 50, ten seconds after the last start",
      "MB",
      memory,
      3,
    ),
    figure(
      "three-replicas-ready",
      "kubectl create deployment --replicas=3 sent → watch says 3 ready replicas, image present, p50 of 10, kubectl's own start included",
      "ms",
      ready,
      1000,
    ),
  ];
}

async function measureReplicas(kubectl: string, kubeconfig: string): Promise<number> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const times: number[] = [];
  for (let i = 0; i < 11; i++) {
    const name = `bench-${i}`;
    const watch = spawn(
      kubectl,
      ["get", "deployments", "-w", "-o", 'jsonpath={.metadata.name} {.status.readyReplicas}{"\\n"}'],
      { env, stdio: ["ignore", "pipe", "ignore"] },
    );
    const ready = new Promise<number>((resolve) => {
      createInterface({ input: watch.stdout }).on("line", (line) => line === `${name} 3` && resolve(performance.now()));
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    await run(kubectl, ["create", "deployment", name, "--image=nginx", "--replicas=3"], { env });
    const took = (await ready) - begin;
    watch.kill();
    await run(kubectl, ["delete", "deployment", name, "--wait=false"], { env });
    if (i > 0) times.push(took); // the first one pulls the image
  }
  return percentile(times, 0.5);
}

async function timeToPrompt({ origin, lessonId }: FirstLightOptions): Promise<number> {
  const learner = new Learner(origin);
  try {
    return await learner.start(lessonId);
  } finally {
    learner.leave();
  }
}

async function measureInside({ origin, lessonId }: FirstLightOptions): Promise<number> {
  const learner = new Learner(origin);
  try {
    await learner.start(lessonId);
    const loop =
      'for i in $(seq 55); do a=$EPOCHREALTIME; kubectl version --client >/dev/null; b=$EPOCHREALTIME; kubectl get pods >/dev/null 2>&1; c=$EPOCHREALTIME; echo "T $a $b $c"; done';
    const screen = await learner.run(loop);
    const rows = [...screen.matchAll(/T ([\d.]+) ([\d.]+) ([\d.]+)/g)]
      .slice(-50)
      .map((match) => match.slice(1).map(Number));
    if (rows.length < 50) throw new Error(`only ${rows.length} of 50 measurements were read`);
    const between = (from: number, to: number): number[] =>
      rows.map((row) => (row[to] ?? Number.NaN) - (row[from] ?? Number.NaN));
    return percentile(between(1, 2), 0.5) / percentile(between(0, 1), 0.5);
  } finally {
    learner.leave();
  }
}
