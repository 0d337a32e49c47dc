import { z } from "zod";
import { SandboxError } from "../../protocol/codes";
import { ProgramFailed, type RunProgram } from "./run-program";

/** Whose a network is. The engine gives kind's containers labels of kind's own, which name the cluster only. */
const LABELS = { instance: "slipway.instance", sandbox: "slipway.sandbox", pool: "slipway.pool" } as const;
const CLUSTER_LABEL = "io.x-k8s.kind.cluster";

const SHORT_MS = 30_000;

const containersSchema = z.array(
  z.object({
    Mounts: z.array(z.object({ Type: z.string().optional(), Name: z.string().optional() })).nullish(),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  }),
);

/** Docker or Podman, by its command. Every call names what is ours; nothing else is looked at. */
export class Engine {
  readonly #command: string;
  readonly #instance: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #run: RunProgram;

  constructor(command: string, instance: string, env: Readonly<Record<string, string>>, run: RunProgram) {
    this.#command = command;
    this.#instance = instance;
    this.#env = env;
    this.#run = run;
  }

  /**
   * The first thing made for a cluster and the last one removed: what says that there is one. One in reserve has no
   * sandbox yet, and says so for whoever looks at the machine.
   */
  async createNetwork(name: string, id: string, pooled = false): Promise<void> {
    const labels = [`${LABELS.instance}=${this.#instance}`, `${LABELS.sandbox}=${id}`];
    if (pooled) labels.push(`${LABELS.pool}=1`);
    await this.#call("network", "create", ...labels.flatMap((label) => ["--label", label]), name);
  }

  /** Sandboxes, and clusters in reserve, by their networks. */
  async sandboxes(): Promise<string[]> {
    const format = `{{.Label "${LABELS.sandbox}"}}`;
    const filter = `label=${LABELS.instance}=${this.#instance}`;
    return words(await this.#call("network", "ls", "--filter", filter, "--format", format));
  }

  async networkOf(sandboxId: string): Promise<string | undefined> {
    const filters = [`label=${LABELS.instance}=${this.#instance}`, `label=${LABELS.sandbox}=${sandboxId}`];
    const args = filters.flatMap((filter) => ["--filter", filter]);
    return words(await this.#call("network", "ls", ...args, "--format", "{{.Name}}"))[0];
  }

  async removeNetwork(name: string): Promise<void> {
    await this.#call("network", "rm", name);
  }

  /** The ids of a cluster's nodes, running or not. */
  async nodes(cluster: string): Promise<string[]> {
    return words(await this.#call("ps", "--all", "--quiet", "--filter", `label=${CLUSTER_LABEL}=${cluster}`));
  }

  async limit(nodes: readonly string[], limits: { mib: number; cpus: number; pids: number }): Promise<void> {
    const memory = `${limits.mib}m`;
    const args = ["--memory", memory, "--memory-swap", memory, "--cpus", String(limits.cpus)];
    await this.#call("update", ...args, "--pids-limit", String(limits.pids), ...nodes);
  }

  /** What containers keep in volumes of their own. */
  async volumes(nodes: readonly string[]): Promise<string[]> {
    const mounts = (await this.#inspect(nodes)).flatMap(({ Mounts }) => Mounts ?? []);
    return mounts.flatMap(({ Type, Name }) => (Type === "volume" && Name !== undefined ? [Name] : []));
  }

  /** A container's address on a network. */
  async address(container: string, network: string): Promise<string | undefined> {
    return (await this.#inspect([container]))[0]?.NetworkSettings.Networks[network]?.IPAddress;
  }

  async removeContainers(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#call("rm", "--force", "--volumes", ...ids);
  }

  /** Those of them that are still there. */
  async presentVolumes(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const present = new Set(words(await this.#call("volume", "ls", "--quiet")));
    return names.filter((name) => present.has(name));
  }

  async removeVolumes(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#call("volume", "rm", "--force", ...names);
  }

  async #inspect(ids: readonly string[]): Promise<z.infer<typeof containersSchema>> {
    if (ids.length === 0) return [];
    return containersSchema.parse(JSON.parse(await this.#call("inspect", ...ids)));
  }

  /** @throws SandboxError `driver-unavailable` when the engine does not answer, `start-failed` when it refuses */
  async #call(...args: string[]): Promise<string> {
    try {
      return await this.#run(this.#command, args, { env: this.#env, timeoutMs: SHORT_MS });
    } catch (error) {
      throw failureOf(error);
    }
  }
}

const AWAY =
  /cannot connect to the docker daemon|is the docker daemon running|cannot be run|did not end|connection refused/i;

export function failureOf(error: unknown): SandboxError {
  if (error instanceof SandboxError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const away = error instanceof ProgramFailed && AWAY.test(message);
  return new SandboxError(away ? "driver-unavailable" : "start-failed", message, { cause: error });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
