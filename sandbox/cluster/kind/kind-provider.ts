import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { Node, Pod } from "../../simulator/api/generated/kubernetes";
import type { Client } from "../../simulator/client/client";
import { NODES, PODS, SERVICE_ACCOUNTS } from "../../simulator/client/resources";
import type { Clock } from "../../simulator/clock";
import { upstreamIn } from "../real/kubeconfig";
import { once } from "../real/once";
import type { MakeOptions, Provider, RealCluster } from "../real/provider";
import type { Upstream } from "../real/upstream";
import { Engine, failureOf } from "./engine";
import { clusterConfig, type KindConfig } from "./kind-config";
import { KindPool } from "./kind-pool";
import { stepIn } from "./kind-steps";
import type { RunProgram } from "./run-program";

export interface KindOptions {
  readonly instance: string;
  readonly config: KindConfig;
  /** What `kind` and the engine's command get of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly run: RunProgram;
  readonly clock: Clock;
  /** Where it is remembered which clusters are in reserve. */
  readonly poolFile: string;
  readonly onError: (error: unknown) => void;
}

/** It takes seconds; what it does not do is done without it. */
const DELETE_WITHIN_MS = 40_000;
const SHORT_MS = 30_000;
/** One in reserve that does not answer so soon is none. */
const TAKE_WITHIN_MS = 5_000;

/** A cluster of one's own for each learner, made by the `kind` command on a network of its own. */
export class KindProvider implements Provider {
  readonly #options: KindOptions;
  readonly #engine: Engine;
  readonly #pool: KindPool;

  constructor(options: KindOptions) {
    this.#options = options;
    const { config, instance, env, run, clock, poolFile, onError } = options;
    this.#engine = new Engine(config.SLIPWAY_KIND_ENGINE, instance, env, run);
    this.#pool = new KindPool({
      size: config.SLIPWAY_KIND_POOL,
      file: poolFile,
      clock,
      newId: randomUUID,
      make: async (id, signal) => {
        const cluster = await this.#make(id, { signal, onStep: () => undefined }, true);
        // Whoever takes it asks anew; until then nobody holds a connection to it.
        cluster.keeper.close();
      },
      remove: (id) => this.#remove(id),
      present: () => this.#engine.sandboxes(),
      onError,
    });
  }

  open(): Promise<void> {
    return this.#pool.open();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  lacks({ addons, faults }: Pick<ClusterCreate, "addons" | "faults">): string | undefined {
    // kind comes with a class of its own for local paths.
    const others = addons.filter((name) => name !== "local-path");
    if (others.length > 0) return `add-ons: ${others.join(", ")}`;
    return faults.length > 0 ? "faults happen in simulated clusters only" : undefined;
  }

  namespaceFor(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async make(sandboxId: string, _namespace: undefined, options: MakeOptions): Promise<RealCluster> {
    return (await this.#takeReady(sandboxId)) ?? this.#make(sandboxId, options);
  }

  /** One in reserve, when there is one that answers. */
  async #takeReady(sandboxId: string): Promise<RealCluster | undefined> {
    const id = this.#pool.take(sandboxId);
    if (id === undefined) return undefined;
    try {
      return await clusterAt(await this.#upstream(this.#nameOf(id)), AbortSignal.timeout(TAKE_WITHIN_MS));
    } catch (error) {
      this.#options.onError(error);
      await this.#remove(id);
      this.#pool.forget(sandboxId);
      return undefined;
    }
  }

  async #make(id: string, { signal, onStep }: MakeOptions, pooled = false): Promise<RealCluster> {
    const { config } = this.#options;
    const name = this.#nameOf(id);
    const timeOver = AbortSignal.timeout(config.SLIPWAY_KIND_CREATE_MINUTES * 60_000);
    const within = AbortSignal.any([signal, timeOver]);
    try {
      onStep("network");
      await this.#engine.createNetwork(name, id, pooled);
      within.throwIfAborted();
      await this.#create(name, within, onStep);
      const upstream = await this.#upstream(name);
      onStep("system");
      await untilReady(upstream.client(), this.#options.clock, 1 + config.SLIPWAY_KIND_WORKERS, within);
      return await clusterAt(upstream);
    } catch (error) {
      const minutes = config.SLIPWAY_KIND_CREATE_MINUTES;
      if (timeOver.aborted && !signal.aborted) throw new SandboxError("start-timeout", `${minutes} minutes`);
      throw failureOf(error);
    }
  }

  async find(sandboxId: string): Promise<RealCluster> {
    const name = this.#nameOf(this.#pool.idOf(sandboxId));
    if ((await this.#engine.nodes(name)).length === 0) throw new SandboxError("cluster-not-found", sandboxId);
    return clusterAt(await this.#upstream(name));
  }

  async remove(sandboxId: string): Promise<void> {
    await this.#remove(this.#pool.idOf(sandboxId));
    this.#pool.forget(sandboxId);
  }

  async #remove(id: string): Promise<void> {
    const name = this.#nameOf(id);
    const volumes = await this.#engine.volumes(await this.#engine.nodes(name));
    // What it does not get done is done by hand; what then is left is said.
    await this.#kind(["delete", "cluster", "--name", name, ...this.#nowhere()], DELETE_WITHIN_MS).catch(
      () => undefined,
    );
    await this.#engine.removeContainers(await this.#engine.nodes(name));
    await this.#engine.removeVolumes(await this.#engine.presentVolumes(volumes));
    const network = await this.#engine.networkOf(id);
    if (network !== undefined) await this.#engine.removeNetwork(network);
    const left = [...(await this.#engine.nodes(name)), ...(await this.#engine.presentVolumes(volumes))];
    if (left.length > 0) throw new SandboxError("driver-unavailable", `not removed: ${left.join(", ")}`);
  }

  async list(): Promise<string[]> {
    return this.#pool.sandboxesOf(await this.#engine.sandboxes());
  }

  /** Where nodes get their limits: after they are there, before anything runs in them. */
  async #create(name: string, signal: AbortSignal, onStep: MakeOptions["onStep"]): Promise<void> {
    const { config } = this.#options;
    const failed = new AbortController();
    let limiting: Promise<void> | undefined;
    const onLine = (line: string): void => {
      const told = stepIn(line);
      if (told && !told.done) onStep(told.step);
      if (told?.step !== "nodes" || !told.done) return;
      limiting ??= this.#limit(name);
      limiting.catch((error: unknown) => failed.abort(error));
    };
    const folder = mkdtempSync(join(tmpdir(), "slipway-kind-"));
    try {
      const image = config.SLIPWAY_KIND_IMAGE;
      const kubeconfig = join(folder, "kubeconfig");
      const args = ["create", "cluster", "--name", name, "--config", "-", "--kubeconfig", kubeconfig];
      await this.#kind([...args, ...(image === undefined ? [] : ["--image", image])], Infinity, {
        signal: AbortSignal.any([signal, failed.signal]),
        input: clusterConfig(config),
        network: name,
        onLine,
      });
      // A release that words its steps in another way has them limited now.
      await (limiting ?? this.#limit(name));
    } catch (error) {
      throw failed.signal.aborted ? failed.signal.reason : error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #limit(name: string): Promise<void> {
    const { config } = this.#options;
    const limits = {
      mib: config.SLIPWAY_KIND_NODE_MIB,
      cpus: config.SLIPWAY_KIND_NODE_CPUS,
      pids: config.SLIPWAY_KIND_NODE_PIDS,
    };
    await this.#engine.limit(await this.#engine.nodes(name), limits);
  }

  async #upstream(name: string): Promise<Upstream> {
    const { SLIPWAY_KIND_API_HOST: host } = this.#options.config;
    const text = await this.#kind(["get", "kubeconfig", "--name", name], SHORT_MS);
    const server = host === "node" ? await this.#engine.address(`${name}-control-plane`, name) : host;
    // The certificate knows the name it is published under, and this one.
    return upstreamIn(
      text,
      "/",
      server === undefined ? undefined : { host: server, servername: "localhost", ...portOf(host) },
    );
  }

  #kind(
    args: readonly string[],
    timeoutMs: number,
    more: { signal?: AbortSignal; input?: string; network?: string; onLine?: (line: string) => void } = {},
  ): Promise<string> {
    const { config, env, run } = this.#options;
    const { network, ...rest } = more;
    return run(config.SLIPWAY_KIND, args, {
      ...rest,
      // No timer is that long; the caller's signal ends it.
      timeoutMs: Math.min(timeoutMs, 3_600_000),
      env: {
        ...env,
        KIND_EXPERIMENTAL_PROVIDER: config.SLIPWAY_KIND_ENGINE,
        ...(network !== undefined && {
          KIND_EXPERIMENTAL_DOCKER_NETWORK: network,
          KIND_EXPERIMENTAL_PODMAN_NETWORK: network,
        }),
      },
    });
  }

  /** `kind` would otherwise look for its entry in the kubeconfig of whoever runs this. */
  #nowhere(): string[] {
    return ["--kubeconfig", "/dev/null"];
  }

  /** Short enough for host names, and another for each installation. */
  #nameOf(id: string): string {
    const instance = createHash("sha256").update(this.#options.instance).digest("hex").slice(0, 6);
    // The end of a UUIDv7 is its random part.
    return `slipway-${instance}-${id.slice(-12)}`;
  }
}

/** Inside the node the server listens where it always does. */
function portOf(host: string | undefined): { port?: number } {
  return host === "node" ? { port: 6443 } : {};
}

const authenticationSchema = z.object({ data: z.object({ "client-ca-file": z.string() }) });

async function clusterAt(upstream: Upstream, signal?: AbortSignal): Promise<RealCluster> {
  const path = "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication";
  const { data } = authenticationSchema.parse(await upstream.json(path, signal));
  return { learner: upstream, keeper: upstream, clientCa: data["client-ca-file"] };
}

/** kind says it is done before every node is ready, and DNS and storage may take minutes more. */
async function untilReady(client: Client, clock: Clock, nodes: number, signal: AbortSignal): Promise<void> {
  const watch = { client, clock };
  await Promise.all([
    once({ ...watch, resource: NODES }, (_names, all) => all.filter(isReady).length >= nodes, signal),
    once({ ...watch, resource: PODS }, (_names, all) => all.length > 0 && all.every(isReady), signal),
    once({ ...watch, resource: SERVICE_ACCOUNTS, namespace: "default" }, (names) => names.includes("default"), signal),
  ]);
}

function isReady({ status }: Node | Pod): boolean {
  return (status?.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True");
}
