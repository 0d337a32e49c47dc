import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { percentile } from "./figures";

const run = promisify(execFile);

/** p50 of `kubectl get pods` ÷ p50 of `kubectl version --client`, which asks no server. */
export async function measureKubectl(kubectl: string, kubeconfig: string): Promise<number> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const time = async (...args: string[]): Promise<number> => {
    const begin = performance.now();
    await run(kubectl, args, { env });
    return performance.now() - begin;
  };
  const get: number[] = [];
  const version: number[] = [];
  for (let i = 0; i < 55; i++) {
    const pair = [await time("version", "--client"), await time("get", "pods")] as const;
    if (i < 5) continue; // the first ones fill kubectl's discovery cache
    version.push(pair[0]);
    get.push(pair[1]);
  }
  return percentile(get, 0.5) / percentile(version, 0.5);
}
