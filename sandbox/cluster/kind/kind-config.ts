import { z } from "zod";

const count = z.coerce.number().int();

export const kindSchema = z.object({
  /** The commands: names in the PATH, or where they are. */
  SLIPWAY_KIND: z.string().min(1).default("kind"),
  SLIPWAY_KIND_ENGINE: z.enum(["docker", "podman"]).default("docker"),
  /** Of the nodes; absent: what this `kind` was released with. */
  SLIPWAY_KIND_IMAGE: z.string().min(1).optional(),
  SLIPWAY_KIND_WORKERS: count.min(0).max(5).default(2),
  /** What each node may use, MiB and cores. */
  SLIPWAY_KIND_NODE_MIB: count.min(512).default(1536),
  SLIPWAY_KIND_NODE_CPUS: z.coerce.number().positive().max(256).default(2),
  SLIPWAY_KIND_NODE_PIDS: count.min(256).default(4096),
  /** Where the engine publishes the API server's port, on the machine that it runs on. */
  SLIPWAY_KIND_API_ADDRESS: z.ipv4().default("127.0.0.1"),
  /** Where that is seen from here: a host name or address; `node` goes to the node's own address and no published port. */
  SLIPWAY_KIND_API_HOST: z.string().min(1).optional(),
  /** How many clusters are kept ready that nobody has yet. */
  SLIPWAY_KIND_POOL: count.min(0).max(20).default(0),
  SLIPWAY_KIND_CREATE_MINUTES: z.coerce.number().positive().max(60).default(6),
});
export type KindConfig = z.infer<typeof kindSchema>;

const MIB = 1024 * 1024;

/** What one learner's cluster may take of the machine. */
export function clusterBytes(config: KindConfig): number {
  return (1 + config.SLIPWAY_KIND_WORKERS) * config.SLIPWAY_KIND_NODE_MIB * MIB;
}

/** What the clusters in reserve take, whoever has one of them. */
export function poolBytes(config: KindConfig): number {
  return config.SLIPWAY_KIND_POOL * clusterBytes(config);
}

/** The cluster as `kind create cluster --config` takes it: https://kind.sigs.k8s.io/docs/user/configuration/ */
export function clusterConfig(config: KindConfig): string {
  const workers = Array.from({ length: config.SLIPWAY_KIND_WORKERS }, () => ({ role: "worker" }));
  return JSON.stringify({
    kind: "Cluster",
    apiVersion: "kind.x-k8s.io/v1alpha4",
    networking: { apiServerAddress: config.SLIPWAY_KIND_API_ADDRESS },
    nodes: [{ role: "control-plane" }, ...workers],
  });
}
