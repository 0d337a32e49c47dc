import { addonsNamed, installAddon, type AddonName } from "./addons/addons";
import type { AggregatedApi } from "./api/aggregated-api";
import type { HttpHandler } from "./api/channel";
import type { CertificateSigner } from "./api/certificate-signer";
import type { RequestHandler, UserInfo } from "./api/request";
import { createApiServer, type ApiServer } from "./apiserver/api-server";
import type { Change, StorageSnapshot } from "./apiserver/storage";
import { bootstrap } from "./bootstrap/bootstrap";
import { planNodes } from "./bootstrap/nodes";
import { API_ADDRESS } from "./bootstrap/system-objects";
import type { Client } from "./client/client";
import type { ErrorReporter } from "./client/controller";
import { InProcessClient } from "./client/in-process-client";
import { SharedInformers } from "./client/shared-informers";
import { FakeClock, flushPromises, type Clock } from "./clock";
import { ClusterNodes } from "./cluster-nodes";
import { clusterReady } from "./cluster-ready";
import { Core } from "./containers/processes/core";
import type { SandboxOnNode } from "./containers/runtime";
import { standardImages } from "./containers/images/catalogue";
import type { ImageCatalogue } from "./containers/images/image";
import { ControllerManager } from "./controllers/controller-manager";
import { NATURAL_LATENCY } from "./kubelet/kubelet";
import type { Faults } from "./faults/faults";
import { freshObjects } from "./fresh-objects";
import { Heartbeats } from "./heartbeats";
import type { KubeletLatency } from "./kubelet/kubelet-context";
import type { Outside } from "./network/outside";
import { TRACE_PATH } from "./cluster-trace";
import type { Network } from "./network/network";
import type { ServiceAccess } from "./network/service-door";
import { serveApi } from "./network/api-port";
import { SeededRandom } from "./random";
import { Scheduler } from "./scheduler/scheduler";
import type { OpenApiPublisher } from "./schema/openapi";

export interface ClusterOptions {
  readonly clock: Clock;
  /** The same seed gives the same names, addresses and choices. */
  readonly seed: number;
  /** Machines in all, the control plane among them; 3 as the course's clusters have. */
  readonly nodes?: number;
  /** `control-plane` runs no pods: they are scheduled and stay Pending. */
  readonly profile?: ClusterProfile;
  /** What is there beyond the default; none by default. */
  readonly addons?: readonly AddonName[];
  /** The cluster's certificate authority, PEM: what pods find in kube-root-ca.crt. */
  readonly certificate: string;
  /** That authority at work: checks and signs requests for certificates. Without it approved ones stay unsigned. */
  readonly signer?: CertificateSigner;
  /** The API server's own certificate and key, PEM: what pods meet at `kubernetes.default`. Without it they meet nobody. */
  readonly serving?: { readonly cert: string; readonly key: string };
  /** Bearer tokens besides those of service accounts, and whose they are. */
  readonly tokens?: ReadonlyMap<string, UserInfo>;
  /** What the registries of its world have; the standard images by default. */
  readonly images?: ImageCatalogue;
  /** The API's OpenAPI documents; clusters of one process share theirs. Without it they have no prose. */
  readonly openApi?: OpenApiPublisher;
  /** Takes the objects from here instead of bootstrapping; containers start anew, as after a reboot. */
  readonly snapshot?: StorageSnapshot;
  /** How many bytes its objects may have in all, as JSON; writes beyond it fail as with a full etcd. */
  readonly storedBytes?: number;
  /** What programs in containers run on; clusters of one process share theirs, so that together they leave it time. */
  readonly core?: Core;
  readonly onError?: ErrorReporter;
}

export type ClusterProfile = "full" | "control-plane";

/** A whole simulated cluster. */
export interface Cluster {
  /** The API server's door for components in this process. */
  readonly handler: RequestHandler;
  /** The API server as HTTP; `serve/` puts it behind TLS. */
  readonly http: HttpHandler;
  /** Pods and nodes; `undefined` where no pods run. */
  readonly network: Network | undefined;
  /** Makes things go wrong; `undefined` where no pods run. */
  readonly faults: Faults | undefined;
  /** What the cluster shows to a laptop beside it; `undefined` where no pods run. */
  readonly outside: Outside | undefined;
  /** Its Services, to be opened one by one; `undefined` where no pods run. */
  readonly services: ServiceAccess | undefined;
  /** What is on the nodes now, whatever the API says. */
  sandboxes(): SandboxOnNode[];
  /** A client of the cluster; by default the administrator's. */
  client(user?: UserInfo, fieldManager?: string): Client;
  /** Resolves once nodes are Ready, CoreDNS is available and `default` has its account and root certificate. */
  ready(): Promise<void>;
  /**
   * Lets everything happen that happens without time passing; on a fake clock with `ms` also what falls due within that
   * time. Resolves when nothing is left to do.
   */
  settle(ms?: number): Promise<void>;
  snapshot(): StorageSnapshot;
  /**
   * `write` gets each change of the store as it is made, before whoever asked for it is answered; `encodeChange` makes it
   * a line of a journal. Returns what ends that.
   */
  follow(write: (change: Change) => void): () => void;
  /** Ends every component. Twice is harmless. */
  stop(): Promise<void>;
}

export const ADMINISTRATOR: UserInfo = {
  username: "kubernetes-admin",
  groups: ["kubeadm:cluster-admins", "system:authenticated"],
};

/** Makes a cluster and starts it. Resolves when its objects are there and its components run. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { clock, seed, nodes = 3, profile = "full", certificate, images = standardImages(), onError } = options;
  const random = new SeededRandom(seed);
  const plans = planNodes(nodes);
  const hasNodes = profile === "full";
  const heartbeats = new Heartbeats();
  let aggregated: readonly AggregatedApi[] = [];
  const server: ApiServer = createApiServer({
    clock,
    random,
    nodes: (nodeName) => machines?.apis(nodeName),
    dial: async (target, limits) => {
      const host = machines?.network.hostAt(plans[0]?.address ?? "");
      if (!host) throw new Error("no machine runs the API server");
      return await host.connect(target, limits);
    },
    renewed: (lease) => heartbeats.renewed(lease, clock.now()),
    paths: (url) => (url.pathname === TRACE_PATH ? machines?.trace(url, informers.pods) : undefined),
    tokens: options.tokens,
    openApi: options.openApi,
    signer: options.signer,
    storedBytes: options.storedBytes,
    aggregated: () => aggregated,
  });
  const component = (username: string, manager = username): Client =>
    new InProcessClient(server.handler, { username: `system:${username}`, groups: ["system:masters"] }, manager);
  const apiServerClient = component("apiserver", "kube-apiserver");
  const managerClient = component("kube-controller-manager");

  const addons = addonsNamed(options.addons ?? []);
  if (options.snapshot) server.restore(options.snapshot);
  else {
    server.restore(await freshObjects(clock, random));
    await bootstrap({ client: apiServerClient, clock, random, nodes: plans, certificate, withDns: hasNodes });
    for (const addon of addons) await installAddon(addon, apiServerClient);
  }

  const informers = new SharedInformers(managerClient, clock);
  const controllers = new ControllerManager({
    client: managerClient,
    serverClient: apiServerClient,
    clock,
    random,
    informers,
    onError,
    certificate,
    signer: options.signer,
    heartbeats,
    apiServer: { clusterIP: API_ADDRESS, address: plans[0]?.address ?? "", port: 6443 },
  });
  const scheduler = new Scheduler({
    client: component("kube-scheduler"),
    clock,
    random,
    informers,
    host: plans[0]?.name,
    onError,
  });
  const addonContext = {
    client: component("addons"),
    clock,
    random,
    informers,
    onError,
    machines: {
      removeFolder: (node: string, path: string) => machines?.removeFolder(node, path),
      usageOf: (node: string, podUid: string) => machines?.usageOf(node, podUid),
    },
  };
  aggregated = addons.flatMap(({ api }) => api?.(addonContext) ?? []);
  const addonParts = addons.flatMap(({ make }) => make?.(addonContext) ?? []);
  const start = new StartLatency();
  const machines = hasNodes
    ? new ClusterNodes({
        plans,
        clock,
        random,
        informers,
        images,
        latency: start,
        heartbeats,
        core: options.core ?? new Core(),
        clientFor: (nodeName) => component(`node:${nodeName}`, "kubelet"),
        onError,
      })
    : undefined;
  const apiServerHost = machines?.network.hostAt(plans[0]?.address ?? "");
  if (apiServerHost && options.serving) serveApi(apiServerHost, server.http, options.serving);
  await informers.start();
  controllers.start();
  scheduler.start();
  await machines?.start();
  for (const part of addonParts) part.start();

  const isIdle = () => [controllers, scheduler, ...addonParts].every(({ idle }) => idle);
  let stopped: Promise<void> | undefined;
  return {
    handler: server.handler,
    http: server.http,
    network: machines?.network,
    faults: machines?.faults,
    outside: machines?.outside,
    services: machines?.services,
    sandboxes: () => machines?.sandboxes() ?? [],
    client: (user = ADMINISTRATOR, fieldManager = "kubectl") => new InProcessClient(server.handler, user, fieldManager),
    ready: () => clusterReady(informers, hasNodes, addons).then(() => start.end()),
    settle: (ms = 0) => settle(clock, isIdle, ms),
    snapshot: () => server.snapshot(),
    follow: (write) => server.follow(write),
    stop: () => {
      informers.stop();
      machines?.stop();
      return (stopped ??= Promise.all([controllers, scheduler, ...addonParts].map((part) => part.stop())).then(
        () => undefined,
      ));
    },
  };
}

/** Pods of the system start without delay; once the cluster is ready things take their natural time. */
class StartLatency implements KubeletLatency {
  #current: KubeletLatency = { sandboxMs: 0, containerMs: 0, firstLookMs: 0, removalMs: 0 };

  get sandboxMs(): number {
    return this.#current.sandboxMs;
  }

  get containerMs(): number {
    return this.#current.containerMs;
  }

  get firstLookMs(): number {
    return this.#current.firstLookMs;
  }

  get removalMs(): number {
    return this.#current.removalMs;
  }

  end(): void {
    this.#current = NATURAL_LATENCY;
  }
}

async function settle(clock: Clock, isIdle: () => boolean, ms: number): Promise<void> {
  if (clock instanceof FakeClock && ms > 0) await clock.advance(ms);
  // Idle once is not enough: an event on its way makes work again at the next turn.
  for (let calm = 0; calm < CALM_TURNS; calm = isIdle() ? calm + 1 : 0) await flushPromises();
}

const CALM_TURNS = 3;
