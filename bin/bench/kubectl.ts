import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { percentile } from "./figures";

const run = promisify(execFile);

/** p50 of `kubectl get pods` ÷ p50 of `kubectl version --client`, which asks no server. */
export function measureKubectl(kubectl: string, kubeconfig: string): Promise<number> {
  return ratioToVersion(kubectl, kubeconfig, ["get", "pods"]);
}

const BOX =
  "apiVersion: v1\nkind: Pod\nmetadata: {name: box}\nspec: {containers: [{name: box, image: busybox:1.37, command: [sleep, '3600']}]}\n";

/** p50 of `kubectl exec` of a wget of a Service's page ÷ p50 of `kubectl version --client`. */
export async function measureExec(kubectl: string, kubeconfig: string): Promise<number> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const work = run(kubectl, ["apply", "-f", "-"], { env });
  work.child.stdin?.end(BOX);
  await work;
  await run(kubectl, ["create", "deployment", "web", "--image=nginx:1.27"], { env });
  await run(kubectl, ["expose", "deployment", "web", "--port=80"], { env });
  await run(kubectl, ["wait", "--for=condition=Ready", "pod", "--all", "--timeout=60s"], { env });
  return ratioToVersion(kubectl, kubeconfig, ["exec", "box", "--", "wget", "-qO-", "http://web"]);
}

async function ratioToVersion(kubectl: string, kubeconfig: string, command: readonly string[]): Promise<number> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const time = async (args: readonly string[]): Promise<number> => {
    const begin = performance.now();
    await run(kubectl, args, { env });
    return performance.now() - begin;
  };
  const asked: number[] = [];
  const version: number[] = [];
  for (let i = 0; i < 55; i++) {
    const pair = [await time(["version", "--client"]), await time(command)] as const;
    if (i < 5) continue; // the first ones fill kubectl's discovery cache
    version.push(pair[0]);
    asked.push(pair[1]);
  }
  return percentile(asked, 0.5) / percentile(version, 0.5);
}
