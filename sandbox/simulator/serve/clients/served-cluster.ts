import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCluster, type Cluster, type ClusterOptions } from "../../cluster";
import { SystemClock } from "../../clock";
import { OpenApiPublisher } from "../../schema/openapi";
import { loadDescriptions } from "../descriptions";
import { renderKubeconfig } from "../kubeconfig";
import { createClusterPki } from "../pki";
import { serve } from "../serve";

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** A cluster behind TLS on a free port, with a folder of its own for whoever talks to it. */
export interface ServedCluster {
  readonly cluster: Cluster;
  readonly url: string;
  readonly folder: string;
  readonly kubeconfig: string;
  /** Runs a line of shell in `folder`; `programs` are on its PATH by their names. */
  sh(line: string, programs: Readonly<Record<string, string>>): Promise<Outcome>;
  /** Ends the cluster and removes the folder. */
  stop(): Promise<void>;
}

const COMMAND_LIMIT_MS = 30_000;
const openApi = new OpenApiPublisher(loadDescriptions);

/** Starts one on the real clock and resolves when it is ready. */
export async function startServedCluster(options: Pick<ClusterOptions, "core"> = {}): Promise<ServedCluster> {
  const clock = new SystemClock();
  const pki = createClusterPki(clock.now());
  const cluster = await createCluster({ clock, seed: 1, certificate: pki.ca.cert, openApi, ...options });
  const server = await serve(cluster.http, { listen: { port: 0 }, tls: { ...pki.serving, clientCa: pki.ca.cert } });
  await cluster.ready();
  const folder = mkdtempSync(join(tmpdir(), "slipway-client-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, renderKubeconfig({ server: server.url, ca: pki.ca.cert, user: pki.admin }), {
    mode: 0o600,
  });
  const work = join(folder, "work");
  mkdirSync(work);
  return {
    cluster,
    url: server.url,
    folder: work,
    kubeconfig,
    sh: (line, programs) => runShell(line, work, kubeconfig, linkAll(folder, programs)),
    async stop() {
      await cluster.stop();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A folder that holds just these programs. */
function linkAll(folder: string, programs: Readonly<Record<string, string>>): string {
  const bin = join(folder, `bin-${Buffer.from(JSON.stringify(programs)).toString("hex").slice(-64)}`);
  if (mkdirSync(bin, { recursive: true }) !== undefined) {
    for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(bin, name));
  }
  return bin;
}

function runShell(line: string, cwd: string, kubeconfig: string, bin: string): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = {
    // Next.js' types ask for it.
    NODE_ENV: "test",
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    HOME: cwd,
    KUBECONFIG: kubeconfig,
    LC_ALL: "C.UTF-8",
  };
  return new Promise((resolve) => {
    execFile("sh", ["-c", line], { cwd, env, timeout: COMMAND_LIMIT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 124;
      resolve({ stdout, stderr, exit: code });
    });
  });
}
