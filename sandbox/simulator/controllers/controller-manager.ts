import type { CertificateSigner } from "../api/certificate-signer";
import type { Resource } from "../api/object";
import type { Client } from "../client/client";
import type { Heartbeats } from "../heartbeats";
import { GROUP_VERSIONS } from "../schema/resources";
import type { ControllerContext, Runnable } from "./context";
import { CertificateController } from "./certificate/certificate-controller";
import { ApiServiceController } from "./api-service/api-service-controller";
import { CronJobController } from "./cron-job/cron-job-controller";
import { CustomResourceDefinitionController } from "./custom-resource-definition/custom-resource-definition-controller";
import { DaemonSetController } from "./daemon-set/daemon-set-controller";
import { DeploymentController } from "./deployment/deployment-controller";
import { EndpointSliceController } from "./endpoint-slice/endpoint-slice-controller";
import { EndpointsController } from "./endpoints/endpoints-controller";
import { VolumeExpanderController } from "./volume-expander/volume-expander-controller";
import { EphemeralVolumeController } from "./ephemeral-volume/ephemeral-volume-controller";
import { GarbageCollector } from "./garbage-collector/garbage-collector";
import { ClusterRoleAggregationController } from "./cluster-role-aggregation/cluster-role-aggregation-controller";
import { DisruptionController } from "./disruption/disruption-controller";
import { EndpointSliceMirroringController } from "./endpoint-slice-mirroring/endpoint-slice-mirroring-controller";
import { PodGcController } from "./pod-gc/pod-gc-controller";
import { JobController } from "./job/job-controller";
import { HorizontalPodAutoscalerController } from "./horizontal-pod-autoscaler/horizontal-pod-autoscaler-controller";
import { KubernetesServiceController, type ApiServerAddress } from "./kubernetes-service/kubernetes-service-controller";
import { NamespaceController } from "./namespace/namespace-controller";
import { NodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller";
import { NodeMonitorController } from "./node-lifecycle/node-monitor-controller";
import { replicaSets, replicationControllers } from "./replica-set/replica-kind";
import { ReplicaSetController } from "./replica-set/replica-set-controller";
import { ResourceQuotaController } from "./resource-quota/resource-quota-controller";
import { ServiceAddressController } from "./service-address/service-address-controller";
import { RootCaPublisher } from "./service-account/root-ca-publisher";
import { ServiceAccountController } from "./service-account/service-account-controller";
import { StatefulSetController } from "./stateful-set/stateful-set-controller";
import { TtlAfterFinishedController } from "./ttl-after-finished/ttl-after-finished-controller";
import { TaintEvictionController } from "./taint-eviction/taint-eviction-controller";
import { VolumeBinderController } from "./volume-binder/volume-binder-controller";
import { VolumeProtectionController } from "./volume-protection/volume-protection-controller";

export interface ControllerManagerOptions extends ControllerContext {
  /** For what the API server itself owns. */
  readonly serverClient: Client;
  readonly certificate: string;
  /** Signs what is approved; without it nothing is. */
  readonly signer?: CertificateSigner;
  readonly heartbeats: Heartbeats;
  readonly apiServer: ApiServerAddress;
}

/** All controllers of a cluster. Make it before the informers start, start it after. */
export class ControllerManager implements Runnable {
  readonly #controllers: readonly Runnable[];

  constructor(options: ControllerManagerOptions) {
    const collections = deletableCollections();
    this.#controllers = [
      new KubernetesServiceController({ ...options, client: options.serverClient }, options.apiServer),
      new CustomResourceDefinitionController({ ...options, client: options.serverClient }),
      new ApiServiceController({ ...options, client: options.serverClient }),
      new ServiceAddressController({ ...options, client: options.serverClient }),
      new CertificateController(options, options.signer),
      new ServiceAccountController(options),
      new RootCaPublisher(options, options.certificate),
      new NamespaceController(
        options,
        collections.filter((resource) => resource.namespaced),
      ),
      new NodeLifecycleController(options),
      new NodeMonitorController(options, options.heartbeats),
      new TaintEvictionController(options),
      new DeploymentController(options),
      new ReplicaSetController(options, replicaSets(options)),
      new ReplicaSetController(options, replicationControllers(options)),
      new StatefulSetController(options),
      new DaemonSetController(options),
      new JobController(options),
      new DisruptionController(options),
      new PodGcController(options),
      new ClusterRoleAggregationController(options),
      new EndpointSliceMirroringController(options),
      new CronJobController(options),
      new TtlAfterFinishedController(options),
      new EndpointSliceController(options),
      new EndpointsController(options),
      new HorizontalPodAutoscalerController(options),
      new VolumeBinderController(options),
      new VolumeProtectionController(options),
      new EphemeralVolumeController(options),
      new VolumeExpanderController(options),
      new ResourceQuotaController(
        options,
        collections.filter((resource) => resource.namespaced),
      ),
      new GarbageCollector(
        options,
        collections.filter((resource) => resource.name !== "events"),
      ),
    ];
  }

  start(): void {
    for (const controller of this.#controllers) controller.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()));
  }

  get idle(): boolean {
    return this.#controllers.every((controller) => controller.idle);
  }
}

/** Each stored collection once, in its group's preferred version, as far as its objects can be listed and deleted. */
function deletableCollections(): Resource[] {
  const verbs = ["list", "watch", "delete"];
  const collections = new Map<string, Resource>();
  for (const { resources } of GROUP_VERSIONS) {
    for (const { group, version, name, kind, namespaced, verbs: known } of resources) {
      if (!verbs.every((verb) => known.includes(verb)) || collections.has(`${group}/${name}`)) continue;
      collections.set(`${group}/${name}`, { group, version, name, kind, namespaced });
    }
  }
  // The same events by another name.
  collections.delete("events.k8s.io/events");
  return [...collections.values()];
}
