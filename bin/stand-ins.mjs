// What stands in for real clusters where there are none: simulated ones that stand alone, and a scripted `kind`.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./state.mjs";

/**
 * Clusters for the drivers `existing` and `kind`, and what an installation needs to use them. A file `fault` in `folder`
 * names what goes wrong with `kind` (sandbox/cluster/kind/faulty-kind.mjs).
 * @returns {Promise<{ folder: string, env: Record<string, string>, stop: () => Promise<void> }>}
 */
export async function startStandIns() {
  const folder = mkdtempSync(join(tmpdir(), "slipway-stand-ins-"));
  writeCommands(folder);
  const shared = join(folder, "shared.kubeconfig");
  const sims = await Promise.all([simAt(shared), simAt(join(folder, "kubeconfig"))]);
  return {
    folder,
    env: {
      SLIPWAY_CLUSTER_CHOICE: "existing,kind",
      SLIPWAY_KUBECONFIG: shared,
      SLIPWAY_KIND: join(folder, "bin/kind"),
      // They take no memory of their own, and one that hangs is not waited for.
      SLIPWAY_KIND_NODE_MIB: "512",
      SLIPWAY_KIND_CREATE_MINUTES: "0.1",
      PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    },
    stop: async () => {
      await Promise.all(sims.map((end) => end()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `kind` and `docker` as programs. */
export function writeCommands(folder) {
  const script = join(root, "sandbox/cluster/kind/faulty-kind.mjs");
  mkdirSync(join(folder, "bin"), { recursive: true });
  for (const program of ["kind", "docker"]) {
    const file = join(folder, "bin", program);
    writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${script}' '${folder}' ${program} "$@"\n`);
    chmodSync(file, 0o755);
  }
}

/** A simulated cluster in a process of its own; resolves, once it answers, with what ends it. */
export async function simAt(kubeconfig) {
  const args = [join(root, "bin/slipway.mjs"), "sim", "--port", "0", "--kubeconfig", kubeconfig];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    ended.then((code) => reject(new Failure(`A simulated cluster ended with ${code}.`, "Try: slipway sim")));
  });
  return async () => {
    child.kill();
    await ended;
  };
}
