import type { ObjectSink, ObjectSource } from "../../checks/object-source";
import type { CheckKind } from "../../protocol/checks";
import type { Resource } from "../../simulator/api/object";
import type { Client } from "../../simulator/client/client";
import { Reflector } from "../../simulator/client/reflector";
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  INGRESSES,
  JOBS,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  REPLICA_SETS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  STATEFUL_SETS,
} from "../../simulator/client/resources";
import type { Clock } from "../../simulator/clock";

const RESOURCES: Readonly<Record<CheckKind, Resource>> = {
  Pod: PODS,
  Service: SERVICES,
  Endpoints: ENDPOINTS,
  EndpointSlice: ENDPOINT_SLICES,
  ConfigMap: CONFIG_MAPS,
  Secret: SECRETS,
  Namespace: NAMESPACES,
  Node: NODES,
  ServiceAccount: SERVICE_ACCOUNTS,
  Deployment: DEPLOYMENTS,
  ReplicaSet: REPLICA_SETS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
  Job: JOBS,
  CronJob: CRON_JOBS,
  Ingress: INGRESSES,
  NetworkPolicy: NETWORK_POLICIES,
  PersistentVolumeClaim: PERSISTENT_VOLUME_CLAIMS,
};

/** What checks see of a cluster, or of one namespace in it: list and watch, like any other client. */
export function objectSourceOf(client: Client, clock: Clock, namespace?: string): ObjectSource {
  return {
    subscribe(kind: CheckKind, sink: ObjectSink): () => void {
      const reflector = new Reflector({
        client,
        clock,
        resource: RESOURCES[kind],
        namespace,
        target: {
          replace: (objects) => sink.replace(objects),
          changed: (type, object) => (type === "DELETED" ? sink.remove(object) : sink.set(object)),
        },
      });
      void reflector.start();
      return () => reflector.stop();
    },
  };
}
