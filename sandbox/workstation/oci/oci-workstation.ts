import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureRootfs, rootfsPath } from "../rootfs/build-rootfs";
import { HOME, LEARNER_ID, LEARNER_STATE_DIRECTORY } from "../rootfs/places";
import { runCommand, type RunCommand } from "../run-command";
import {
  checkHomePath,
  checkSandboxId,
  isSandboxId,
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
import { bundleConfig, DEFAULT_LIMITS, LEARNER_ENV, type Tools, type WorkstationLimits } from "./bundle";
import { ensureCompletions } from "./completions";
import { childGroups, clearControlGroups } from "./control-groups";
import { areMounted, disksIn, mountDisks, unmountDisks } from "./disks";
import { identityOf, type Identity } from "./identity";
import { Runc, RUNC_ENV } from "./runc";

export interface OciWorkstationConfig {
  instanceId: string;
  /** This instance's own folder; bundles live in `<stateDir>/workstations`. */
  stateDir: string;
  /** May be shared between instances. Every folder above it must be enterable for all. */
  cacheDir?: string;
  tools: Tools;
  limits?: Partial<WorkstationLimits>;
  run?: RunCommand;
}

/** Of machines and load balancers, as kind's network has them. */
const CLUSTER_ADDRESSES = "172.18.0.0/16";

/** inotify instances: what `tail -f` and `less +F` take one of. */
const MOST_WATCHES = 8;

export const DEFAULT_CACHE_DIRECTORY = "/var/lib/slipway/cache";

/** Each workstation is a container: runc, a root file system of its own making, a range of users for each learner. */
export class OciWorkstation implements Workstation {
  readonly driver = "oci";
  readonly #bundles: string;
  readonly #cacheDir: string;
  readonly #tools: Tools;
  readonly #limits: WorkstationLimits;
  readonly #identity: Identity;
  readonly #run: RunCommand;
  readonly #runDirectory: string;
  readonly #runc: Runc;
  #completions: string | undefined;
  readonly #reviving = new Map<string, Promise<boolean>>();

  constructor(config: OciWorkstationConfig) {
    this.#bundles = join(config.stateDir, "workstations");
    this.#cacheDir = config.cacheDir ?? DEFAULT_CACHE_DIRECTORY;
    this.#tools = config.tools;
    this.#limits = { ...DEFAULT_LIMITS, ...config.limits };
    this.#identity = identityOf(config.instanceId);
    this.#run = config.run ?? runCommand;
    this.#runDirectory = `/run/slipway/${config.instanceId}`;
    this.#runc = new Runc(join(this.#runDirectory, "runc"), this.#run);
  }

  async prepare(progress: (step: PrepareStep) => void, signal?: AbortSignal): Promise<void> {
    await ensureRootfs({ cacheDir: this.#cacheDir, run: this.#run, progress, signal });
    this.#completions = await ensureCompletions(this.#cacheDir, this.#tools, this.#run, () => progress("completions"));
    await mkdir(this.#bundles, { recursive: true, mode: 0o700 });
    progress("ready");
  }

  async start(spec: WorkstationSpec): Promise<void> {
    const id = checkSandboxId(spec.sandboxId);
    const existing = await this.#runc.state(id);
    if (existing?.running) return;
    if (existing) await this.#runc.delete(id);
    const bundle = await this.#writeBundle(id, spec);
    await this.#giveSocketDirectoryToRelay(spec);
    await this.#runc.start(id, bundle);
    await this.#settleNamespaces(id);
  }

  revive(sandboxId: string): Promise<boolean> {
    const id = checkSandboxId(sandboxId);
    // Two who miss it at the same time do it once.
    const under = this.#reviving.get(id) ?? this.#reviveNow(id).finally(() => this.#reviving.delete(id));
    this.#reviving.set(id, under);
    return under;
  }

  async #reviveNow(id: string): Promise<boolean> {
    if ((await this.#runc.state(id))?.running) return true;
    const bundle = join(this.#bundles, id);
    if (!(await isThere(join(bundle, "config.json"))) || !(await areMounted(bundle))) return false;
    await this.#end(id);
    await this.#runc.start(id, bundle);
    await this.#settleNamespaces(id);
    return true;
  }

  /**
   * What a container's configuration cannot say: the addresses of the cluster's machines and load balancers become the
   * workstation's own, for the relay to listen on; and watches on files, which Linux counts for whoever made the user
   * namespace, for all learners together that is, are limited for each.
   */
  async #settleNamespaces(id: string): Promise<void> {
    const pid = (await this.#runc.state(id))?.pid;
    if (pid === undefined) return;
    const script = `echo ${MOST_WATCHES} >/proc/sys/user/max_inotify_instances; ip route add local ${CLUSTER_ADDRESSES} dev lo`;
    const enter = ["--target", String(pid), "--user", "--net"];
    await this.#run("nsenter", [...enter, "/bin/sh", "-c", script]).catch((error: unknown) => {
      // Without these tools, or when it has ended already, Services are reached by port-forward only.
      if (!(error instanceof WorkstationError)) throw error;
    });
  }

  async command(sandboxId: string, request: CommandRequest = {}): Promise<WorkstationCommand> {
    const id = checkSandboxId(sandboxId);
    if (!(await this.#runc.state(id))?.running) {
      throw new WorkstationError("not-running", `workstation ${id} does not run`);
    }
    const options = ["--user", `${LEARNER_ID}:${LEARNER_ID}`, "--cwd", HOME];
    if (request.tty !== false) options.unshift("--tty");
    const env = { ...LEARNER_ENV, ...shellEnv(LEARNER_STATE_DIRECTORY, request) };
    for (const [name, value] of Object.entries(env)) options.push("--env", `${name}=${value}`);
    const shell = request.argv ?? startIn(request.shell?.directory, "/bin/bash", "--login");
    const inner = ["/usr/lib/slipway/enter", ...shell];
    return { argv: this.#runc.execArgv(id, options, inner), env: { ...RUNC_ENV }, cwd: "/" };
  }

  /** On disks that are not mounted there is nothing, which must not be taken for an empty home. */
  async folders(sandboxId: string): Promise<WorkstationFolders> {
    const id = checkSandboxId(sandboxId);
    const bundle = join(this.#bundles, id);
    const disks = disksIn(bundle);
    const [outside, ...inside] = await Promise.all([bundle, disks.home, disks.state].map(deviceOf));
    if (inside.some((device) => device === undefined || device === outside)) {
      throw new WorkstationError("not-running", `workstation ${id} has no disks`);
    }
    return disks;
  }

  async status(sandboxId: string): Promise<WorkstationStatus> {
    const id = checkSandboxId(sandboxId);
    if ((await this.#runc.state(id))?.running) return { sandboxId: id, phase: "running" };
    const known = await isThere(join(this.#bundles, id));
    return { sandboxId: id, phase: known ? "stopped" : "absent" };
  }

  /** A bundle without a container is a stopped workstation, also after the machine was restarted. */
  async list(): Promise<WorkstationStatus[]> {
    const running = new Set((await this.#runc.list()).filter((one) => one.running).map((one) => one.id));
    const bundles = await readdir(this.#bundles).catch(() => []);
    const groups = await childGroups(this.#identity.cgroupParent);
    const ids = new Set([...bundles, ...running, ...groups.filter(isSandboxId)]);
    return [...ids].sort().map((sandboxId) => ({ sandboxId, phase: running.has(sandboxId) ? "running" : "stopped" }));
  }

  async stop(sandboxId: string): Promise<void> {
    const id = checkSandboxId(sandboxId);
    await this.#reviving.get(id)?.catch(() => undefined); // what it started is ended now
    await this.#end(id);
    await unmountDisks(this.#run, join(this.#bundles, id));
  }

  async #end(id: string): Promise<void> {
    await this.#runc.delete(id).catch((cause: unknown) => {
      throw new WorkstationError("stop-failed", `workstation ${id} could not be ended`, { cause });
    });
    await clearControlGroups(`${this.#identity.cgroupParent}/${id}`);
  }

  async remove(sandboxId: string): Promise<void> {
    const id = checkSandboxId(sandboxId);
    await this.stop(id);
    await rm(join(this.#bundles, id), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    if ((await this.list()).length > 0) return;
    await clearControlGroups(this.#identity.cgroupParent);
    await rm(this.#runDirectory, { recursive: true, force: true });
  }

  async #writeBundle(id: string, spec: WorkstationSpec): Promise<string> {
    if (this.#completions === undefined) throw new WorkstationError("not-prepared", "prepare() comes before start()");
    const bundle = join(this.#bundles, id);
    const seedDirectory = join(bundle, "home");
    await unmountDisks(this.#run, bundle);
    await rm(bundle, { recursive: true, force: true });
    await mkdir(bundle, { mode: 0o700 });
    await writeSeed(seedDirectory, { ...spec.files, ".kube/config": spec.kubeconfig });
    const disks = await mountDisks(this.#run, bundle, this.#identity.learner(spec.uidIndex), this.#limits);
    const config = bundleConfig({
      rootfs: rootfsPath(this.#cacheDir),
      seedDirectory,
      disks,
      apiSocketPath: spec.apiSocketPath,
      tools: this.#tools,
      completionsDirectory: this.#completions,
      cgroupsPath: `${this.#identity.cgroupParent}/${id}`,
      users: this.#identity.users(spec.uidIndex),
      groups: this.#identity.groups(spec.uidIndex),
      limits: this.#limits,
    });
    await writeFile(join(bundle, "config.json"), JSON.stringify(config), { mode: 0o600 });
    return bundle;
  }

  /** The folder, not the socket, is mounted: a socket made anew by a restarted cluster is seen at once. */
  async #giveSocketDirectoryToRelay({ apiSocketPath, uidIndex }: WorkstationSpec): Promise<void> {
    const directory = dirname(apiSocketPath);
    const relay = this.#identity.relay(uidIndex);
    await stat(directory).catch((cause: unknown) => {
      throw new WorkstationError("bad-spec", `the folder of the API socket is not there: ${directory}`, { cause });
    });
    await chown(directory, relay, relay);
    await chmod(directory, 0o700);
    // One that is there already may have been made with an ordinary mask; the folder is what keeps others out.
    await chmod(apiSocketPath, 0o666).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Of the file system that a folder is on; undefined when there is none. */
function deviceOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Readable for all, as only this workstation's bundle leads to it; the copy in the home belongs to the learner. */
async function writeSeed(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory);
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, checkHomePath(path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  // In spite of this process's mask.
  await chmod(directory, 0o755);
  for (const name of await readdir(directory, { recursive: true })) {
    const path = join(directory, name);
    await chmod(path, (await stat(path)).isDirectory() ? 0o755 : 0o644);
  }
}
