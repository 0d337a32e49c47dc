import { join } from "node:path";
import type { ClusterDriver } from "../cluster/cluster";
import { HostedClusters, type HostEvent } from "../cluster/host/hosted-clusters";
import type { Driver } from "../protocol/sandbox-view";
import type { ManagerConfig } from "./config";
import { DEADLINES } from "./sandbox-state";

/** Hosts that look after real clusters end them all when they are told to end. */
const STOP_REAL_MS = 120_000;

/** The clusters of one driver, in processes of their own; only those of real ones know how to reach them. */
export function openClusters(
  driver: Driver,
  config: ManagerConfig,
  onHostEvent: (event: HostEvent) => void,
): ClusterDriver {
  const { instance, stateDir, distDir, childEnv, speaks } = config;
  const common = { driver, instance, stateDir, speaks, onHostEvent };
  if (driver === "simulated") {
    const script = join(distDir, "cluster-host.mjs");
    return new HostedClusters({ ...common, script, ...config.clusterHosts, env: childEnv });
  }
  const { starting, stopping } = DEADLINES[driver];
  return new HostedClusters({
    ...common,
    script: join(distDir, "real-cluster-host.mjs"),
    hosts: 1,
    env: { ...childEnv, ...config.realClusterEnv },
    patience: { createMs: starting, removeMs: stopping, stopMs: STOP_REAL_MS },
  });
}
