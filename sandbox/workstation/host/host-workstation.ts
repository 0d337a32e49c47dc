import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Tools } from "../oci/bundle";
import { ensureCompletions } from "../oci/completions";
import { runCommand, type RunCommand } from "../run-command";
import {
  checkHomePath,
  checkSandboxId,
  shellEnv,
  startIn,
  WorkstationError,
  type CommandRequest,
  type PrepareStep,
  type Workstation,
  type WorkstationCommand,
  type WorkstationFolders,
  type WorkstationSpec,
  type WorkstationStatus,
} from "../workstation";
import { bashrc } from "./bashrc";

export interface HostWorkstationConfig {
  /** This instance's own folder; homes live in `<stateDir>/workstations`. */
  stateDir: string;
  cacheDir: string;
  tools: Tools;
  run?: RunCommand;
  /** Default: this process's user. */
  uid?: number;
}

/** Every process of a workstation carries its id in the environment, and is found by it. */
const MARK = "SLIPWAY_WORKSTATION";

/**
 * A plain shell of the user who runs the installation, with a home of its own. It keeps nobody out of anything: for one
 * user on loopback, never as root, never for guests.
 */
export class HostWorkstation implements Workstation {
  readonly driver = "host";
  readonly #homes: string;
  readonly #config: HostWorkstationConfig;
  #completions: string | undefined;

  constructor(config: HostWorkstationConfig) {
    this.#homes = join(config.stateDir, "workstations");
    this.#config = config;
  }

  /** @throws WorkstationError `host-refuses-root` */
  async prepare(progress: (step: PrepareStep) => void): Promise<void> {
    this.#refuseRoot();
    const { cacheDir, tools, run = runCommand } = this.#config;
    this.#completions = await ensureCompletions(cacheDir, tools, run, () => progress("completions"));
    await mkdir(this.#homes, { recursive: true, mode: 0o700 });
    progress("ready");
  }

  async start(spec: WorkstationSpec): Promise<void> {
    this.#refuseRoot();
    const id = checkSandboxId(spec.sandboxId);
    if (spec.guest !== false)
      throw new WorkstationError("host-refuses-guests", "shells on the host are not for guests");
    if (this.#completions === undefined) throw new WorkstationError("not-prepared", "prepare() comes before start()");
    if ((await this.status(id)).phase === "running") return;
    const home = this.#home(id);
    await rm(home, { recursive: true, force: true });
    const files = { ...spec.files, ".bashrc": bashrc(this.#completions), ".kube/config": spec.kubeconfig };
    for (const [path, text] of Object.entries(files)) {
      const target = join(home, checkHomePath(path));
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, text, { mode: 0o600 });
    }
    await this.#linkTools(id);
  }

  /** Its processes come and go; what it is, is its home. */
  async revive(sandboxId: string): Promise<boolean> {
    return (await this.status(sandboxId)).phase === "running";
  }

  async command(sandboxId: string, request: CommandRequest = {}): Promise<WorkstationCommand> {
    const id = checkSandboxId(sandboxId);
    if ((await this.status(id)).phase !== "running") {
      throw new WorkstationError("not-running", `workstation ${id} does not run`);
    }
    const home = this.#home(id);
    const env = {
      HOME: home,
      PATH: `${this.#tools(id)}:/usr/local/bin:/usr/bin:/bin`,
      SHELL: "/bin/bash",
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
      LANG: "C.UTF-8",
      KUBECONFIG: join(home, ".kube/config"),
      [MARK]: id,
      ...shellEnv(join(this.#homes, id), request),
    };
    const [program, ...args] = request.argv ?? startIn(request.shell?.directory, "/bin/bash", "-i");
    if (program === undefined) throw new WorkstationError("bad-spec", "argv is empty");
    return { argv: [program, ...args], env, cwd: home };
  }

  async folders(sandboxId: string): Promise<WorkstationFolders> {
    const id = checkSandboxId(sandboxId);
    const home = this.#home(id);
    if (!(await isThere(home))) throw new WorkstationError("not-running", `workstation ${id} does not run`);
    return { home, state: join(this.#homes, id) };
  }

  async status(sandboxId: string): Promise<WorkstationStatus> {
    const id = checkSandboxId(sandboxId);
    return (await this.list()).find((one) => one.sandboxId === id) ?? { sandboxId: id, phase: "absent" };
  }

  /** A home stands for a workstation that runs; what is left of a stopped one is its empty folder. */
  async list(): Promise<WorkstationStatus[]> {
    const ids = await readdir(this.#homes).catch(() => []);
    return Promise.all(
      ids.sort().map(async (sandboxId): Promise<WorkstationStatus> => {
        const runs = await isThere(this.#home(sandboxId));
        return { sandboxId, phase: runs ? "running" : "stopped" };
      }),
    );
  }

  async stop(sandboxId: string): Promise<void> {
    const id = checkSandboxId(sandboxId);
    await killMarked(id);
    await rm(this.#home(id), { recursive: true, force: true });
  }

  async remove(sandboxId: string): Promise<void> {
    await this.stop(sandboxId);
    await rm(join(this.#homes, sandboxId), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    // They share nothing but caches.
  }

  #refuseRoot(): void {
    if ((this.#config.uid ?? process.getuid?.()) === 0) {
      throw new WorkstationError("host-refuses-root", "shells on the host are never given as root");
    }
  }

  async #linkTools(id: string): Promise<void> {
    const folder = this.#tools(id);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    const { kubectl, helm } = this.#config.tools;
    await symlink(kubectl, join(folder, "kubectl"));
    if (helm !== undefined) await symlink(helm, join(folder, "helm"));
  }

  #home(id: string): string {
    return join(this.#homes, id, "home");
  }

  #tools(id: string): string {
    return join(this.#homes, id, "bin");
  }
}

/** Where there is no /proc, shells end with their terminals only. */
async function killMarked(id: string): Promise<void> {
  const mark = `${MARK}=${id}\0`;
  const names = await readdir("/proc").catch(() => []);
  for (const pid of names.map(Number).filter((number) => Number.isInteger(number) && number > 1)) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (!`${environment}\0`.includes(mark)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
