import type { ReplicaSet, ReplicaSetStatus, ReplicationController } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import type { Informer } from "../../client/informer";
import { REPLICA_SETS, REPLICATION_CONTROLLERS } from "../../client/resources";
import type { ControllerContext } from "../context";

/** A kind that keeps a number of pods alike. Older ones are looked at as ReplicaSets, which they are but in name. */
export interface ReplicaKind {
  readonly kind: string;
  /** Who tells of it in events. */
  readonly component: string;
  readonly synced: Pick<Informer<never>, "synced">;
  get(namespace: string, name: string): Stored<ReplicaSet> | undefined;
  list(namespace: string | undefined): readonly Stored<ReplicaSet>[];
  onChange(changed: (replicaSet: Stored<ReplicaSet>) => void, deleted: (replicaSet: Stored<ReplicaSet>) => void): void;
  writeStatus(replicaSet: Stored<ReplicaSet>, status: ReplicaSetStatus): Promise<unknown>;
}

export function replicaSets({ informers, client }: ControllerContext): ReplicaKind {
  const informer = informers.replicaSets;
  return {
    kind: "ReplicaSet",
    component: "replicaset-controller",
    synced: informer,
    get: (namespace, name) => informer.get(namespace, name),
    list: (namespace) => informer.list(namespace),
    onChange: (changed, deleted) =>
      void informer.addHandler({ added: changed, updated: (_, after) => changed(after), deleted }),
    writeStatus: (replicaSet, status) => client.updateStatus(REPLICA_SETS, { ...replicaSet, status }),
  };
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/ */
export function replicationControllers({ informers, client }: ControllerContext): ReplicaKind {
  const informer = informers.replicationControllers;
  return {
    kind: "ReplicationController",
    component: "replication-controller",
    synced: informer,
    get(namespace, name) {
      const found = informer.get(namespace, name);
      return found && asReplicaSet(found);
    },
    list: (namespace) => informer.list(namespace).map(asReplicaSet),
    onChange: (changed, deleted) =>
      void informer.addHandler({
        added: (after) => changed(asReplicaSet(after)),
        updated: (_, after) => changed(asReplicaSet(after)),
        deleted: (last) => deleted(asReplicaSet(last)),
      }),
    writeStatus({ metadata }, { terminatingReplicas: _, ...status }) {
      const found = informer.get(metadata.namespace ?? "", metadata.name);
      if (!found || equalJson(found.status, status)) return Promise.resolve();
      return client.updateStatus(REPLICATION_CONTROLLERS, { ...found, status });
    },
  };
}

function asReplicaSet(controller: Stored<ReplicationController>): Stored<ReplicaSet> {
  const { spec, ...rest } = controller;
  return { ...rest, spec: { ...spec, selector: { matchLabels: spec?.selector ?? {} } } };
}
