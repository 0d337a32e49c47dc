import { randomInt } from "node:crypto";
import type { ClusterObject } from "../../checks/object-source";
import type { ServicePort } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { ENDPOINT_SLICES, SERVICES } from "../../simulator/client/resources";
import type { Outlet } from "../host/running-cluster";
import { readyEndpoints, servicePorts, type OpenService } from "../host/service-ports";
import { openForward } from "./port-forward";
import type { RealCluster } from "./provider";

/** What a lesson calls the namespace that is there from the start. */
const DEFAULT = "default";

/** The TCP ports of a cluster's Services; of the learner's own namespace, as `default`, where that is all they have. */
export async function servicesOf({ keeper }: RealCluster, own: string | undefined): Promise<OpenService[]> {
  const [services, slices] = await objectsIn(keeper, own ?? "");
  const all = servicePorts(services, slices);
  return own === undefined ? all : all.map((service) => ({ ...service, namespace: DEFAULT }));
}

/**
 * Bytes to one of the pods that are ready behind a Service, with the learner's rights.
 * @throws SandboxError `service-not-found`, `no-endpoints`, `connection-refused`, `connection-timeout`
 */
export async function dialService(
  { keeper, learner }: RealCluster,
  own: string | undefined,
  target: ServicePort,
  signal: AbortSignal,
): Promise<Outlet> {
  const words = `${target.namespace}/${target.service}:${target.port}`;
  if (own !== undefined && target.namespace !== DEFAULT) throw new SandboxError("service-not-found", words);
  const namespace = own ?? target.namespace;
  const [services, slices] = await objectsIn(keeper, namespace);
  const ready = readyEndpoints(services, slices, target);
  if (!ready) throw new SandboxError("service-not-found", words);
  const chosen = ready[ready.length === 0 ? 0 : randomInt(ready.length)];
  if (!chosen) throw new SandboxError("no-endpoints", words);
  return openForward(learner, { namespace, ...chosen }, signal);
}

async function objectsIn(
  keeper: RealCluster["keeper"],
  namespace: string,
): Promise<[readonly ClusterObject[], readonly ClusterObject[]]> {
  const client = keeper.client();
  const [services, slices] = await Promise.all([
    client.list(SERVICES, namespace),
    client.list(ENDPOINT_SLICES, namespace),
  ]);
  return [services.items, slices.items];
}
