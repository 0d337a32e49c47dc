import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
} from "../api/generated/kubernetes";
import { formatSelector, selectorFrom } from "../api/labels";
import { containerCells, labelsCell, selectorCell } from "./cells";
import { age } from "./duration";
import { defaultPodSpec } from "./pod-defaults";
import { labelNameFaults } from "./names";
import { validateDaemonSet } from "./daemon-set-validation";
import { validateStatefulSet, validateStatefulSetUpdate } from "./stateful-set-validation";
import { columns, type Printer, type Strategy } from "./strategy";
import { validateDeployment, validateReplicaSet, validateSelectorUpdate } from "./workload-validation";

/** https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ */
export const deploymentStrategy: Strategy<Deployment> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    const strategy = (spec.strategy ??= {});
    strategy.type ||= "RollingUpdate";
    if (strategy.type === "RollingUpdate") {
      const rolling = (strategy.rollingUpdate ??= {});
      rolling.maxUnavailable ??= "25%";
      rolling.maxSurge ??= "25%";
    }
    defaultTemplate(spec.template);
  },
  validate: validateDeployment,
  validateUpdate: (deployment, old) => [...validateDeployment(deployment), ...validateSelectorUpdate(deployment, old)],
  // Annotations carry over to ReplicaSets, so a change of them is something for the controller to see.
  generationOf: (deployment) => [deployment.spec, deployment.metadata?.annotations ?? {}],
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    setReplicas({ spec }, replicas) {
      if (spec) spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => formatSelector(selectorFrom(spec?.selector) ?? []),
  },
  printer: {
    columns: columns("Name", "Ready", "Up-to-date", "Available", "Age", "+Containers", "+Images", "+Selector"),
    row: (deployment, now) => [
      deployment.metadata?.name ?? "",
      `${deployment.status?.readyReplicas ?? 0}/${deployment.spec?.replicas ?? 0}`,
      deployment.status?.updatedReplicas ?? 0,
      deployment.status?.availableReplicas ?? 0,
      age(deployment.metadata?.creationTimestamp, now),
      ...containerCells(deployment.spec?.template),
      selectorCell(deployment.spec?.selector),
    ],
  },
};

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ */
export const replicaSetStrategy: Strategy<ReplicaSet> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    defaultTemplate(spec.template);
  },
  prepareForCreate(replicaSet) {
    replicaSet.status = { replicas: 0 };
  },
  validate: validateReplicaSet,
  validateUpdate: (replicaSet, old) => [...validateReplicaSet(replicaSet), ...validateSelectorUpdate(replicaSet, old)],
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    setReplicas({ spec }, replicas) {
      if (spec) spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => formatSelector(selectorFrom(spec?.selector) ?? []),
  },
  printer: {
    columns: columns(
      "Name",
      "Desired:integer",
      "Current:integer",
      "Ready:integer",
      "Age",
      "+Containers",
      "+Images",
      "+Selector",
    ),
    row: (replicaSet, now) => [
      replicaSet.metadata?.name ?? "",
      replicaSet.spec?.replicas ?? 0,
      replicaSet.status?.replicas ?? 0,
      replicaSet.status?.readyReplicas ?? 0,
      age(replicaSet.metadata?.creationTimestamp, now),
      ...containerCells(replicaSet.spec?.template),
      selectorCell(replicaSet.spec?.selector),
    ],
  },
};

/** https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/ */
export const statefulSetStrategy: Strategy<StatefulSet> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.replicas ??= 1;
    spec.podManagementPolicy ||= "OrderedReady";
    spec.revisionHistoryLimit ??= 10;
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
    retention.whenDeleted ||= "Retain";
    retention.whenScaled ||= "Retain";
    const strategy = (spec.updateStrategy ??= {});
    strategy.type ||= "RollingUpdate";
    if (strategy.type === "RollingUpdate") (strategy.rollingUpdate ??= {}).partition ??= 0;
    defaultTemplate(spec.template);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion = "v1";
      claim.kind = "PersistentVolumeClaim";
      if (claim.spec) claim.spec.volumeMode ||= "Filesystem";
      claim.status ??= { phase: "Pending" };
    }
  },
  prepareForCreate(statefulSet) {
    statefulSet.status = { replicas: 0, availableReplicas: 0 };
  },
  nameFaults: labelNameFaults,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    setReplicas({ spec }, replicas) {
      if (spec) spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => formatSelector(selectorFrom(spec?.selector) ?? []),
  },
  printer: {
    columns: columns("Name", "Ready", "Age", "+Containers", "+Images"),
    row: (statefulSet, now) => [
      statefulSet.metadata?.name ?? "",
      `${statefulSet.status?.readyReplicas ?? 0}/${statefulSet.spec?.replicas ?? 0}`,
      age(statefulSet.metadata?.creationTimestamp, now),
      ...containerCells(statefulSet.spec?.template),
    ],
  },
};

/** https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/ */
export const daemonSetStrategy: Strategy<DaemonSet> = {
  defaults({ spec }) {
    if (!spec) return;
    spec.revisionHistoryLimit ??= 10;
    const strategy = (spec.updateStrategy ??= {});
    strategy.type ||= "RollingUpdate";
    if (strategy.type === "RollingUpdate") {
      const rolling = (strategy.rollingUpdate ??= {});
      rolling.maxUnavailable ??= 1;
      rolling.maxSurge ??= 0;
    }
    defaultTemplate(spec.template);
  },
  prepareForCreate(daemonSet) {
    daemonSet.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
    daemonSet.metadata = { ...daemonSet.metadata };
    (daemonSet.metadata.annotations ??= {})["deprecated.daemonset.template.generation"] = "1";
  },
  prepareForUpdate(daemonSet, old) {
    const key = "deprecated.daemonset.template.generation";
    const generation = Number(old.metadata.annotations?.[key] ?? "0");
    const isChanged = JSON.stringify(daemonSet.spec?.template) !== JSON.stringify(old.spec?.template);
    ((daemonSet.metadata ??= {}).annotations ??= {})[key] = String(isChanged ? generation + 1 : generation);
  },
  validate: validateDaemonSet,
  validateUpdate: (daemonSet, old) => [...validateDaemonSet(daemonSet), ...validateSelectorUpdate(daemonSet, old)],
  printer: {
    columns: columns(
      "Name",
      "Desired:integer",
      "Current:integer",
      "Ready:integer",
      "Up-to-date:integer",
      "Available:integer",
      "Node Selector",
      "Age",
      "+Containers",
      "+Images",
      "+Selector",
    ),
    row: (daemonSet, now) => [
      daemonSet.metadata?.name ?? "",
      daemonSet.status?.desiredNumberScheduled ?? 0,
      daemonSet.status?.currentNumberScheduled ?? 0,
      daemonSet.status?.numberReady ?? 0,
      daemonSet.status?.updatedNumberScheduled ?? 0,
      daemonSet.status?.numberAvailable ?? 0,
      labelsCell(daemonSet.spec?.template.spec?.nodeSelector),
      age(daemonSet.metadata?.creationTimestamp, now),
      ...containerCells(daemonSet.spec?.template),
      selectorCell(daemonSet.spec?.selector),
    ],
  },
};

export const controllerRevisionPrinter: Printer<ControllerRevision> = {
  columns: columns("Name", "Controller", "Revision", "Age"),
  row: (revision, now) => {
    const owner = revision.metadata?.ownerReferences?.find((reference) => reference.controller);
    const group = owner?.apiVersion.includes("/") ? `.${owner.apiVersion.split("/")[0] ?? ""}` : "";
    return [
      revision.metadata?.name ?? "",
      owner ? `${owner.kind.toLowerCase()}${group}/${owner.name}` : "<none>",
      revision.revision,
      age(revision.metadata?.creationTimestamp, now),
    ];
  },
};

function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (!template) return;
  template.metadata ??= {};
  if (template.spec) defaultPodSpec(template.spec);
}
