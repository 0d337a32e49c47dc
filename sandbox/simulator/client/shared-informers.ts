import type { KubeObject, Resource } from "../api/object";
import type { Clock } from "../clock";
import type { Client } from "./client";
import { Informer } from "./informer";
import {
  CERTIFICATE_REQUESTS,
  CLUSTER_ROLES,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  CRON_JOBS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINTS,
  ENDPOINT_SLICES,
  IP_ADDRESSES,
  INGRESS_CLASSES,
  INGRESSES,
  JOBS,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PERSISTENT_VOLUMES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  POD_DISRUPTION_BUDGETS,
  REPLICATION_CONTROLLERS,
  REPLICA_SETS,
  SECRETS,
  SERVICES,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
  STORAGE_CLASSES,
} from "./resources";

/** One informer per collection for everything that runs inside a cluster. Add handlers and indexes before `start`. */
export class SharedInformers {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #all: Pick<Informer<KubeObject>, "start" | "stop" | "synced">[] = [];

  readonly pods;
  readonly nodes;
  readonly services;
  readonly endpoints;
  readonly endpointSlices;
  readonly namespaces;
  readonly serviceAccounts;
  readonly configMaps;
  readonly secrets;
  readonly deployments;
  readonly replicaSets;
  readonly daemonSets;
  readonly certificateRequests;
  readonly ipAddresses;
  readonly networkPolicies;
  readonly ingresses;
  readonly ingressClasses;
  readonly persistentVolumes;
  readonly persistentVolumeClaims;
  readonly storageClasses;
  readonly statefulSets;
  readonly controllerRevisions;
  readonly jobs;
  readonly replicationControllers;
  readonly podDisruptionBudgets;
  readonly clusterRoles;
  readonly cronJobs;
  readonly customResourceDefinitions;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.pods = this.#make(PODS);
    this.nodes = this.#make(NODES);
    this.services = this.#make(SERVICES);
    this.endpoints = this.#make(ENDPOINTS);
    this.endpointSlices = this.#make(ENDPOINT_SLICES);
    this.namespaces = this.#make(NAMESPACES);
    this.serviceAccounts = this.#make(SERVICE_ACCOUNTS);
    this.configMaps = this.#make(CONFIG_MAPS);
    this.secrets = this.#make(SECRETS);
    this.deployments = this.#make(DEPLOYMENTS);
    this.replicaSets = this.#make(REPLICA_SETS);
    this.daemonSets = this.#make(DAEMON_SETS);
    this.certificateRequests = this.#make(CERTIFICATE_REQUESTS);
    this.ipAddresses = this.#make(IP_ADDRESSES);
    this.networkPolicies = this.#make(NETWORK_POLICIES);
    this.ingresses = this.#make(INGRESSES);
    this.ingressClasses = this.#make(INGRESS_CLASSES);
    this.persistentVolumes = this.#make(PERSISTENT_VOLUMES);
    this.persistentVolumeClaims = this.#make(PERSISTENT_VOLUME_CLAIMS);
    this.storageClasses = this.#make(STORAGE_CLASSES);
    this.statefulSets = this.#make(STATEFUL_SETS);
    this.controllerRevisions = this.#make(CONTROLLER_REVISIONS);
    this.jobs = this.#make(JOBS);
    this.replicationControllers = this.#make(REPLICATION_CONTROLLERS);
    this.podDisruptionBudgets = this.#make(POD_DISRUPTION_BUDGETS);
    this.clusterRoles = this.#make(CLUSTER_ROLES);
    this.cronJobs = this.#make(CRON_JOBS);
    this.customResourceDefinitions = this.#make(CUSTOM_RESOURCE_DEFINITIONS);
  }

  /** Starts all and resolves when each holds its first list. */
  async start(): Promise<void> {
    for (const informer of this.#all) informer.start();
    await Promise.all(this.#all.map((informer) => informer.synced()));
  }

  stop(): void {
    for (const informer of this.#all) informer.stop();
  }

  #make<T extends KubeObject>(resource: Resource<T>): Informer<T> {
    const informer = new Informer(this.#client, this.#clock, resource);
    this.#all.push(informer);
    return informer;
  }
}
