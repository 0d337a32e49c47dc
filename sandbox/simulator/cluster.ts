import type { RequestHandler, UserInfo } from "./api/request";
import { createApiServer, type ApiServer } from "./apiserver/api-server";
import { planNodes } from "./bootstrap/nodes";
import { bootstrap } from "./bootstrap/bootstrap";
import { API_ADDRESS } from "./bootstrap/system-objects";
import type { Client } from "./client/client";
import type { ErrorReporter } from "./client/controller";
import { InProcessClient } from "./client/in-process-client";
import { SharedInformers } from "./client/shared-informers";
import { FakeClock, flushPromises, type Clock } from "./clock";
import { ControllerManager } from "./controllers/controller-manager";
import { SeededRandom } from "./random";
import { Scheduler } from "./scheduler/scheduler";

export interface ClusterOptions {
  readonly clock: Clock;
  /** The same seed gives the same names, addresses and choices. */
  readonly seed: number;
  /** Machines in all, the control plane among them; 3 as the course's clusters have. */
  readonly nodes?: number;
  /** `control-plane` runs no pods: they are scheduled and stay Pending. */
  readonly profile?: "full" | "control-plane";
  /** The cluster's certificate authority, PEM: what pods find in kube-root-ca.crt. */
  readonly certificate: string;
  readonly onError?: ErrorReporter;
}

/** A whole simulated cluster. */
export interface Cluster {
  /** The API server's door for components in this process. */
  readonly handler: RequestHandler;
  /** A client of the cluster; by default the administrator's. */
  client(user?: UserInfo, fieldManager?: string): Client;
  /**
   * With a fake clock: lets everything happen that happens without time passing, and with `ms` what falls due within
   * that time. Ends when nothing is left to do.
   */
  settle(ms?: number): Promise<void>;
  /** Ends every component; requests and watches after that fail or hang. Twice is harmless. */
  stop(): Promise<void>;
}

export const ADMINISTRATOR: UserInfo = {
  username: "kubernetes-admin",
  groups: ["kubeadm:cluster-admins", "system:authenticated"],
};

/** Makes a fresh cluster and starts it. Resolves when its objects are there and its components run. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { clock, seed, nodes = 3, profile = "full", certificate, onError } = options;
  const random = new SeededRandom(seed);
  const server: ApiServer = createApiServer({ clock, random });
  const plans = planNodes(nodes);
  const component = (name: string): Client =>
    new InProcessClient(server.handler, { username: `system:${name}`, groups: ["system:masters"] }, name);

  await bootstrap({
    client: component("kube-apiserver"),
    clock,
    random,
    nodes: plans,
    certificate,
    withDns: profile === "full",
  });
  const informers = new SharedInformers(component("kube-controller-manager"), clock);
  const controllers = new ControllerManager({
    client: component("kube-controller-manager"),
    serverClient: component("kube-apiserver"),
    clock,
    random,
    informers,
    onError,
    certificate,
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
  await informers.start();
  controllers.start();
  scheduler.start();

  const isIdle = () => controllers.idle && scheduler.idle;
  return {
    handler: server.handler,
    client: (user = ADMINISTRATOR, fieldManager = "kubectl") => new InProcessClient(server.handler, user, fieldManager),
    settle: (ms = 0) => settle(clock, isIdle, ms),
    stop: async () => {
      informers.stop();
      await Promise.all([controllers.stop(), scheduler.stop()]);
    },
  };
}

async function settle(clock: Clock, isIdle: () => boolean, ms: number): Promise<void> {
  if (clock instanceof FakeClock && ms > 0) await clock.advance(ms);
  // Idle once is not enough: an event on its way makes work again at the next turn.
  for (let calm = 0; calm < CALM_TURNS; calm = isIdle() ? calm + 1 : 0) await flushPromises();
}

const CALM_TURNS = 3;
