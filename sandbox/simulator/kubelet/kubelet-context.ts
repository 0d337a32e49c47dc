import type { Client } from "../client/client";
import type { ErrorReporter } from "../client/controller";
import type { EventRecorder } from "../client/event-recorder";
import type { Clock } from "../clock";
import type { NetworkHost } from "../network/network";
import type { Random } from "../random";
import type { BackOff } from "./back-off";
import type { ClaimSources } from "./claimed-volume";
import type { EnvironmentSources } from "./container-environment";
import type { ContainerRuntime } from "./container-runtime";
import type { ImagePuller } from "./image-puller";
import type { NodeFiles } from "./node-files";
import type { DnsSettings } from "./resolv-conf";
import type { StartPace } from "./start-pace";

/** What all pods of one node share. */
export interface KubeletContext {
  readonly nodeName: string;
  readonly nodeHost: NetworkHost;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: EventRecorder;
  readonly sources: EnvironmentSources;
  readonly dns: DnsSettings;
  readonly puller: ImagePuller;
  readonly crashes: BackOff;
  readonly claims: ClaimSources;
  readonly node: NodeFiles;
  readonly latency: KubeletLatency;
  readonly pace: StartPace;
  /** The kubelet has fallen silent: it looks after nothing until it is heard of again. */
  readonly isPaused: () => boolean;
  readonly onError?: ErrorReporter;
  /** The node's allocatable amounts. */
  readonly allocatable: () => Readonly<Record<string, string>>;
}

/** How long things take that a simulation would do at once, so that people see them happen. */
export interface KubeletLatency {
  /** Setting up a pod's volumes and network. */
  readonly sandboxMs: number;
  /** Making and starting one container. */
  readonly containerMs: number;
  /** Until the kubelet looks at a container it started (first-look.ts). */
  readonly firstLookMs: number;
  /** Taking down a pod's network and volumes once its containers have stopped. */
  readonly removalMs: number;
}

export function delay(clock: Clock, ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => void clock.schedule(Math.round(ms), resolve));
}
