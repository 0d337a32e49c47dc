import { keyOf, type KubeObject, type Resource, type Stored } from "../api/object";
import { isAlreadyExists } from "../api/status";
import type { CSINode, Lease } from "../api/generated/kubernetes";
import type { Client, WriteOptions } from "../client/client";
import { CONFIG_MAPS, DEPLOYMENTS, LEASES, NAMESPACES, NODES, SERVICE_ACCOUNTS, SERVICES } from "../client/resources";
import { toMicroTime, toTime, type Clock } from "../clock";
import type { Random } from "../random";
import { apiServices } from "./api-services";
import { coreDnsAccount, coreDnsConfig, coreDnsDeployment, coreDnsService } from "./core-dns";
import { flowSchemas, priorityLevels } from "./flow-control";
import { nodeObject, type NodePlan } from "./nodes";
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from "./rbac";
import { configMaps, controllerAccounts, namespaces, priorityClasses, serviceCidr } from "./system-objects";

export interface BootstrapOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly nodes: readonly NodePlan[];
  /** The cluster's certificate authority, PEM. */
  readonly certificate: string;
  /** CoreDNS comes only where pods can run. */
  readonly withDns: boolean;
}

/** Puts into an empty API server what is the same in every cluster, whatever its machines. Idempotent. */
export async function bootstrapCommon(client: Client, now: number): Promise<void> {
  await createAll(client, NAMESPACES, namespaces());
  await createAll(client, PRIORITY_CLASSES, priorityClasses());
  await createAll(client, CLUSTER_ROLES, clusterRoles());
  await createAll(client, CLUSTER_ROLE_BINDINGS, clusterRoleBindings());
  await createAll(client, ROLES, roles());
  await createAll(client, ROLE_BINDINGS, roleBindings());
  await createWithStatus(client, SERVICE_CIDRS, [serviceCidr(now)]);
  await createWithStatus(client, API_SERVICES, apiServices(toTime(now)));
  await createAll(client, PRIORITY_LEVELS, priorityLevels());
  await createWithStatus(client, FLOW_SCHEMAS, flowSchemas(toTime(now)));
  await createAll(client, SERVICE_ACCOUNTS, controllerAccounts());
}

/**
 * Adds what a fresh cluster holds beyond that before anyone uses it. Idempotent. What controllers make of it (default
 * accounts, root certificates, endpoints, the CoreDNS pods) is left to them.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { client, clock, nodes, certificate, withDns } = options;
  const now = clock.now();
  await createAll(client, CONFIG_MAPS, configMaps(certificate, now));
  for (const plan of nodes) await createNode(options, plan);
  await createControlPlaneLeases(options);
  if (!withDns) return;
  const byApply = { fieldManager: "kubectl-client-side-apply" };
  await createAll(client, SERVICE_ACCOUNTS, [coreDnsAccount()], byApply);
  await createAll(client, CONFIG_MAPS, [coreDnsConfig()], byApply);
  await createAll(client, SERVICES, [coreDnsService()], byApply);
  await createAll(client, DEPLOYMENTS, [coreDnsDeployment()], byApply);
}

async function createNode({ client, clock, random }: BootstrapOptions, plan: NodePlan): Promise<void> {
  const [node] = await createWithStatus(client, NODES, [nodeObject(plan, random.uuid(), clock.now())]);
  if (!node) return;
  const owner = { apiVersion: "v1", kind: "Node", name: plan.name, uid: node.metadata.uid };
  const csiNode: CSINode = {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name: plan.name, ownerReferences: [owner], annotations: { [MIGRATED_PLUGINS]: MIGRATED } },
    spec: { drivers: [] },
  };
  await createAll(client, CSI_NODES, [csiNode]);
  const lease: Lease = {
    metadata: { name: plan.name, namespace: "kube-node-lease", ownerReferences: [owner] },
    spec: { holderIdentity: plan.name, leaseDurationSeconds: 40, renewTime: toMicroTime(clock.now()) },
  };
  await createAll(client, LEASES, [lease]);
}

async function createControlPlaneLeases({ client, clock, random, nodes }: BootstrapOptions): Promise<void> {
  const host = nodes[0]?.name ?? "";
  const time = toMicroTime(clock.now());
  const leaseOf = (name: string): Lease => ({
    metadata: { name, namespace: "kube-system" },
    spec: {
      acquireTime: time,
      holderIdentity: `${host}_${random.uuid()}`,
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      renewTime: time,
    },
  });
  const identity = `apiserver-${Array.from({ length: 26 }, () => BASE32[random.below(32)]).join("")}`;
  const ofServer: Lease = {
    metadata: {
      name: identity,
      namespace: "kube-system",
      labels: { "apiserver.kubernetes.io/identity": "kube-apiserver", "kubernetes.io/hostname": host },
      annotations: { "kubernetes.io/peer-advertise-address": `${nodes[0]?.address ?? ""}:6443` },
    },
    spec: { holderIdentity: `${identity}_${random.uuid()}`, leaseDurationSeconds: 3600, renewTime: time },
  };
  await createAll(client, LEASES, [ofServer, leaseOf("kube-controller-manager"), leaseOf("kube-scheduler")]);
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Creates what is not there yet; returns what was created. */
async function createAll<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  objects: readonly T[],
  options: WriteOptions = {},
): Promise<Stored<T>[]> {
  const created: Stored<T>[] = [];
  for (const object of objects) {
    try {
      created.push(await client.create(resource, object, options));
    } catch (error) {
      if (!isAlreadyExists(error)) throw new Error(`${resource.name} ${keyOf(object)}`, { cause: error });
    }
  }
  return created;
}

/** Creation takes no status; a second write gives it. */
async function createWithStatus<T extends KubeObject & { status?: unknown }>(
  client: Client,
  resource: Resource<T>,
  objects: readonly T[],
): Promise<Stored<T>[]> {
  const created: Stored<T>[] = [];
  for (const object of objects) {
    const [stored] = await createAll(client, resource, [object]);
    if (stored) created.push(await client.updateStatus(resource, { ...stored, status: object.status }));
  }
  return created;
}

const MIGRATED_PLUGINS = "storage.alpha.kubernetes.io/migrated-plugins";
const MIGRATED =
  "kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,kubernetes.io/gce-pd,kubernetes.io/portworx-volume,kubernetes.io/vsphere-volume";

const FLOW_CONTROL = "flowcontrol.apiserver.k8s.io";
const PRIORITY_CLASSES = clusterScoped("scheduling.k8s.io", "priorityclasses", "PriorityClass");
const CLUSTER_ROLES = clusterScoped("rbac.authorization.k8s.io", "clusterroles", "ClusterRole");
const CLUSTER_ROLE_BINDINGS = clusterScoped("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding");
const ROLES = { ...clusterScoped("rbac.authorization.k8s.io", "roles", "Role"), namespaced: true };
const ROLE_BINDINGS = {
  ...clusterScoped("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
  namespaced: true,
};
const SERVICE_CIDRS = clusterScoped("networking.k8s.io", "servicecidrs", "ServiceCIDR");
const API_SERVICES = clusterScoped("apiregistration.k8s.io", "apiservices", "APIService");
const PRIORITY_LEVELS = clusterScoped(FLOW_CONTROL, "prioritylevelconfigurations", "PriorityLevelConfiguration");
const FLOW_SCHEMAS = clusterScoped(FLOW_CONTROL, "flowschemas", "FlowSchema");
const CSI_NODES = clusterScoped("storage.k8s.io", "csinodes", "CSINode");

function clusterScoped(group: string, name: string, kind: string): Resource {
  return { group, version: "v1", name, kind, namespaced: false };
}
