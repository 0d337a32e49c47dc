import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterHostClient } from "@/course/verify/cluster-host-client";
import { processorMs } from "./child";

const IDLE_MS = 10_000;

/** A cluster-host process without clusters. */
export interface ClusterHost {
  readonly socketPath: string;
  readonly pid: number;
}

/** Makes 50 clusters, ends 49 of them and leaves one, for what is measured next; `remove` ends that too. */
export async function measureClusters(host: ClusterHost): Promise<{
  /** MB for each idle cluster. */
  memory: number;
  /** Processor time that each takes while nobody uses it, in per cent of a core. */
  idlePerCent: number;
  clusterStarts: number[];
  kubeconfig: string;
  remove: () => Promise<void>;
}> {
  const client = new ClusterHostClient(host.socketPath);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const ids: string[] = [];
  const make = async (): Promise<string> => {
    const sandboxId = randomUUID();
    const dir = join(folder, sandboxId.slice(0, 8));
    mkdirSync(dir);
    const made = await client.create({
      sandboxId,
      socketPath: join(dir, "s"),
      loopback: true,
      checks: { version: 1, checks: [] },
      addons: [],
      faults: [],
      startObjects: [],
    });
    ids.push(sandboxId);
    return made.kubeconfig;
  };
  const before = residentBytes(host.pid);
  const clusterStarts: number[] = [];
  let text = "";
  for (let i = 0; i < 50; i++) {
    const begin = performance.now();
    text = await make();
    clusterStarts.push(performance.now() - begin);
  }
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const memory = (residentBytes(host.pid) - before) / 50 / 1e6;
  const used = processorMs(host.pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idlePerCent = ((processorMs(host.pid) - used) / IDLE_MS / 50) * 100;
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  // The last one stays: what is measured next is one learner's cluster, not fifty at once.
  const last = ids.pop() ?? "";
  for (const id of ids) await client.remove(id);
  const remove = async (): Promise<void> => {
    await client.remove(last);
    rmSync(folder, { recursive: true, force: true });
  };
  return { memory, idlePerCent, clusterStarts, kubeconfig, remove };
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}
