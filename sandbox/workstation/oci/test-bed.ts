import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunCommand } from "../run-command";
import type { WorkstationBed } from "../workstation.contract";
import type { WorkstationLimits } from "./bundle";
import { OciWorkstation } from "./oci-workstation";

/** Shared by all tests on a machine: the root file system is built once. */
export const CACHE_DIRECTORY = process.env["SLIPWAY_CACHE_DIR"] ?? "/var/lib/slipway/cache";

/** The real ones, as the product finds them; undefined where there are none. */
export function findTool(name: "kubectl" | "helm"): string | undefined {
  try {
    const script = join(import.meta.dirname, "../../../bin/slipway.mjs");
    const path = execFileSync(process.execPath, [script, "tool", name], { encoding: "utf8" }).trim();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined; // said by the skipped tests
  }
}

/** Why containers cannot be tested here; undefined when they can. */
export function reasonAgainstContainers(): string | undefined {
  if (process.platform !== "linux") return "containers need Linux";
  if (process.getuid?.() !== 0) return "containers need root";
  for (const program of ["runc", "mmdebstrap"]) {
    const found = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].some((folder) => existsSync(join(folder, program)));
    if (!found) return `${program} is not installed`;
  }
  return findTool("kubectl") === undefined ? "there is no kubectl" : undefined;
}

/** Ids of processes of this machine with exactly this command line. */
export function processesOnHost(commandLine: string): number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() === commandLine;
    } catch {
      return false; // it has ended
    }
  });
}

let beds = 0;

export class OciBed implements WorkstationBed {
  readonly instanceId = `test-${process.pid}-${++beds}`;
  readonly #kubectl = findTool("kubectl") ?? "";
  readonly #helm = findTool("helm");
  #uidIndex = 0;

  get stateDir(): string {
    return `/var/lib/slipway/${this.instanceId}`;
  }

  open(instanceId = this.instanceId, limits: Partial<WorkstationLimits> = {}, run?: RunCommand): OciWorkstation {
    return new OciWorkstation({
      instanceId,
      stateDir: `/var/lib/slipway/${instanceId}`,
      cacheDir: CACHE_DIRECTORY,
      tools: { kubectl: this.#kubectl, helm: this.#helm },
      limits,
      run,
    });
  }

  openOther(): OciWorkstation {
    return this.open(`${this.instanceId}-other`);
  }

  socketPath(sandboxId: string): string {
    return join(this.stateDir, "s", sandboxId.slice(0, 12), "api.sock");
  }

  async spec(sandboxId: string) {
    const apiSocketPath = this.socketPath(sandboxId);
    await mkdir(join(apiSocketPath, ".."), { recursive: true, mode: 0o700 });
    return {
      sandboxId,
      uidIndex: this.#uidIndex++,
      apiSocketPath,
      kubeconfig: "apiVersion: v1\nkind: Config\n",
      guest: true,
    };
  }

  async clean(): Promise<void> {
    for (const instance of [this.instanceId, `${this.instanceId}-other`]) {
      const workstation = this.open(instance);
      for (const { sandboxId } of await workstation.list()) await workstation.remove(sandboxId);
      await workstation.close();
      await rm(`/var/lib/slipway/${instance}`, { recursive: true, force: true });
    }
  }
}
