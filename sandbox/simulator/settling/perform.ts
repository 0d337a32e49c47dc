import type { Pod, ReplicaSet } from "../api/generated/kubernetes";
import type { ObjectKey, Resource, Stored } from "../api/object";
import { isConflict, isNotFound, StatusError } from "../api/status";
import type { Client } from "../client/client";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
} from "../client/resources";
import type { Cluster } from "../cluster";
import type { Fault } from "../faults/fault";
import type { Operation, Workload } from "./operations";
import { performOnClaim } from "./claims";
import { BAD_IMAGE, GOOD_IMAGE, keyOf, RESOURCES, sized, withTemplate, workloadObject } from "./workloads";

/** Somebody at the keyboard of a cluster. */
export class Operator {
  readonly #cluster: Cluster;
  readonly #client: Client;
  /** A second person, who means well too. */
  readonly #rival: Client;
  readonly #faults = new Map<string, () => Promise<void>>();
  #quarrels = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#client = cluster.client();
    this.#rival = cluster.client(undefined, "rival");
  }

  /** Does it; what the server refuses is part of the game. */
  async perform(operation: Operation): Promise<void> {
    try {
      await this.#attempt(operation);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Ends what keeps a cluster from getting where it should, or from getting to an end at all. */
  async calm(): Promise<void> {
    for (const lift of this.#faults.values()) await lift();
    this.#faults.clear();
    for (const { metadata, spec } of (await this.#client.list(NODES, "")).items) {
      if (!spec?.unschedulable && !spec?.taints?.some(({ key }) => key === TAINT.key)) continue;
      await this.#patch(NODES, { namespace: "", name: metadata.name }, { spec: { unschedulable: null, taints: null } });
    }
    for (const namespace of ["default", "extra"]) {
      for (const name of ["a", "b"]) {
        await this.perform({ do: "scale", of: { kind: "cronjob", name, namespace }, count: 0 });
        await this.perform({ do: "resume", of: { kind: "job", name, namespace } });
        for (const kind of ["deployment", "statefulset", "daemonset"] as const) {
          await this.perform({ do: "mend", of: { kind, name, namespace } });
        }
      }
      for (const replicaSet of (await this.#client.list(REPLICA_SETS, namespace)).items) {
        await this.#removeSpoilt(replicaSet);
      }
      for (const pod of (await this.#client.list(PODS, namespace)).items) await this.#calmPod(pod);
    }
    const { items } = await this.#client.list(CONFIG_MAPS, "extra");
    for (const { metadata } of items.filter(({ metadata: { finalizers } }) => finalizers?.includes(FINALIZER))) {
      await this.#unlock(CONFIG_MAPS, { namespace: "extra", name: metadata.name }, metadata.finalizers ?? []);
    }
  }

  /**
   * Pods that nobody owns go: they may have the name that a StatefulSet needs. So do its spoilt ones, which keep it from
   * going on for ever. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
   */
  async #calmPod({ metadata, spec }: Stored<Pod>): Promise<void> {
    const key = { namespace: metadata.namespace ?? "", name: metadata.name };
    if (metadata.finalizers?.includes(FINALIZER)) await this.#unlock(PODS, key, metadata.finalizers);
    const owner = metadata.ownerReferences?.[0];
    const isSpoilt = owner?.kind === "StatefulSet" && spec?.containers[0]?.image === BAD_IMAGE;
    if (owner && !isSpoilt) return;
    await this.#client.delete(PODS, key).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /** What nobody owns any more nobody mends either. */
  async #removeSpoilt({ metadata, spec }: Stored<ReplicaSet>): Promise<void> {
    if (metadata.ownerReferences?.length || spec?.template?.spec?.containers[0]?.image !== BAD_IMAGE) return;
    await this.#client.delete(REPLICA_SETS, { namespace: metadata.namespace ?? "", name: metadata.name });
  }

  async #attempt(operation: Operation): Promise<unknown> {
    switch (operation.do) {
      case "create":
        return this.#client.create(RESOURCES[operation.of.kind], workloadObject(operation.of, operation.count));
      case "delete":
        return this.#client.delete(RESOURCES[operation.of.kind], keyOf(operation.of), {
          propagationPolicy: operation.how,
        });
      case "scale":
        return this.#change(operation.of, sized(operation.of.kind, operation.count));
      case "update": {
        const annotations = { revision: String(operation.count) };
        return this.#change(operation.of, withTemplate(operation.of.kind, { metadata: { annotations } }));
      }
      case "autoscale":
        return this.#autoscale(operation.of, operation.count);
      case "spoil":
      case "mend":
        return this.#setImage(operation.of, operation.do === "spoil" ? BAD_IMAGE : GOOD_IMAGE);
      case "quarrel":
        return this.#quarrel(operation.of);
      case "own":
        return this.#own(operation.of);
      case "kill":
      case "evict":
      case "crash":
      case "relabel":
      case "hold":
      case "force":
        return this.#toPod(operation.do, operation.pick);
      case "claim":
      case "use":
      case "unclaim":
        return performOnClaim(this.#client, operation.do, operation.pick);
      case "suspend":
      case "resume":
        return this.#change(operation.of, { spec: { suspend: operation.do === "suspend" } });
      case "cordon":
      case "uncordon":
        return this.#patchNode(operation.node, { unschedulable: operation.do === "cordon" });
      case "taint":
      case "untaint":
        return this.#patchNode(operation.node, { taints: operation.do === "taint" ? [TAINT] : [] });
      case "drain":
        return this.#drain(operation.node);
      case "silence":
        return this.#begin(operation.node, { kind: "node-not-ready", node: operation.node });
      case "wake":
        return this.#lift(operation.node);
      case "registry-down":
        return this.#begin("registry", { kind: "registry-down" });
      case "registry-up":
        return this.#lift("registry");
      case "found":
        return this.#client.create(NAMESPACES, { metadata: { name: "extra" } });
      case "abolish":
        return this.#client.delete(NAMESPACES, { namespace: "", name: "extra" });
      case "lock":
        return this.#client.create(CONFIG_MAPS, {
          metadata: { namespace: "extra", generateName: "locked-", finalizers: [FINALIZER] },
        });
      case "define":
        return this.#client.create(CUSTOM_RESOURCE_DEFINITIONS, WIDGET_DEFINITION);
      case "undefine":
        return this.#client.delete(CUSTOM_RESOURCE_DEFINITIONS, { namespace: "", name: "widgets.example.com" });
      case "instantiate":
        return this.#client.create(WIDGETS, { metadata: { namespace: "default", generateName: "widget-" } });
      case "wait":
        return undefined;
    }
  }

  async #autoscale({ kind, name, namespace }: Workload, count: number): Promise<void> {
    if (kind !== "deployment" && kind !== "statefulset") return;
    const key = keyOf({ kind, name, namespace });
    const target = RESOURCES[kind];
    if (count === 0) return this.#client.delete(HORIZONTAL_POD_AUTOSCALERS, key);
    const scaleTargetRef = { apiVersion: `${target.group}/${target.version}`, kind: target.kind, name: key.name };
    await this.#client.create(HORIZONTAL_POD_AUTOSCALERS, {
      metadata: key,
      spec: { scaleTargetRef, minReplicas: count, maxReplicas: count + 1 },
    });
  }

  async #setImage({ kind, name, namespace }: Workload, image: string): Promise<void> {
    if (kind === "job" || kind === "cronjob") return;
    const of = { kind, name, namespace };
    const template = { spec: { containers: [{ name: "main", image }] } };
    await this.#client.patch(RESOURCES[kind], keyOf(of), { type: "strategic", body: withTemplate(kind, template) });
  }

  /** Two people change one object at once: nobody's change may be lost. */
  async #quarrel(of: Workload): Promise<void> {
    const resource = RESOURCES[of.kind];
    const mark = String(++this.#quarrels);
    const annotate = this.#rival.patch(resource, keyOf(of), {
      type: "merge",
      body: { metadata: { annotations: { rival: mark } } },
    });
    const replace = replaceUntilDone(this.#client, resource, keyOf(of), mark);
    await Promise.all([annotate, replace]);
    const { annotations } = (await this.#client.get(resource, keyOf(of))).metadata;
    if (annotations?.["rival"] !== mark || annotations["own"] !== mark) {
      throw new Error(`a change of ${of.kind} ${of.name} was lost: ${JSON.stringify(annotations)}`);
    }
  }

  /** Something that is to go when the workload goes. */
  async #own(of: Workload): Promise<void> {
    const resource = RESOURCES[of.kind];
    const { metadata } = await this.#client.get(resource, keyOf(of));
    const owner = { apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind, name: metadata.name };
    await this.#client.create(CONFIG_MAPS, {
      metadata: {
        namespace: of.namespace,
        generateName: "owned-",
        ownerReferences: [{ ...owner, uid: metadata.uid, blockOwnerDeletion: true }],
      },
    });
  }

  async #toPod(what: "kill" | "evict" | "crash" | "relabel" | "hold" | "force", pick: number): Promise<void> {
    const { items } = await this.#client.list(PODS, "default");
    const pod = items[pick % Math.max(1, items.length)];
    if (!pod) return;
    const key = { namespace: "default", name: pod.metadata.name };
    switch (what) {
      case "kill":
        return this.#client.delete(PODS, key);
      case "force":
        // Whoever forces a pod with a StatefulSet's name out says that it does not run any more: that is theirs to know.
        if (key.name.startsWith("statefulset-")) return;
        return this.#client.delete(PODS, key, { gracePeriodSeconds: 0 });
      case "evict":
        return this.#evict(key);
      case "crash": {
        if (pod.status?.phase !== "Running") return;
        const fault = { kind: "pod-killed", pod: `${key.namespace}/${key.name}` } as const;
        await this.#cluster.faults?.inject(fault)();
        return;
      }
      case "relabel": {
        const app = OTHER_LABELS[pick % OTHER_LABELS.length];
        return this.#patch(PODS, key, { metadata: { labels: { app } } });
      }
      case "hold":
        return this.#patch(PODS, key, {
          metadata: { finalizers: [...(pod.metadata.finalizers ?? []), FINALIZER] },
        });
    }
  }

  async #evict({ namespace, name }: ObjectKey): Promise<void> {
    const metadata = { namespace, name };
    await this.#client.createSubresource(PODS, { namespace, name }, "eviction", {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata,
    });
  }

  /** All its pods at once, but for those of DaemonSets, as `kubectl drain` goes about it. */
  async #drain(node: string): Promise<void> {
    await this.#patchNode(node, { unschedulable: true });
    const { items } = await this.#client.list(PODS, "default", { fieldSelector: `spec.nodeName=${node}` });
    const leaving = items.filter(
      ({ metadata }) =>
        !metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet") && !metadata.deletionTimestamp,
    );
    await Promise.allSettled(leaving.map(({ metadata }) => this.#evict({ namespace: "default", name: metadata.name })));
  }

  async #begin(name: string, fault: Fault): Promise<void> {
    if (!this.#faults.has(name) && this.#cluster.faults) this.#faults.set(name, this.#cluster.faults.inject(fault));
    await Promise.resolve();
  }

  async #lift(name: string): Promise<void> {
    const lift = this.#faults.get(name);
    this.#faults.delete(name);
    await lift?.();
  }

  async #change(of: Workload, body: object): Promise<void> {
    await this.#patch(RESOURCES[of.kind], keyOf(of), body);
  }

  async #patchNode(name: string, spec: object): Promise<void> {
    await this.#patch(NODES, { namespace: "", name }, { spec });
  }

  async #unlock(resource: Resource, key: ObjectKey, finalizers: readonly string[]): Promise<void> {
    await this.#patch(resource, key, { metadata: { finalizers: finalizers.filter((each) => each !== FINALIZER) } });
  }

  async #patch(resource: Resource, key: ObjectKey, body: object): Promise<void> {
    await this.#client.patch(resource, key, { type: "merge", body });
  }
}

const FINALIZER = "example.com/lock";
const TAINT = { key: "fire", effect: "NoExecute" };
const OTHER_LABELS = ["loose", "deployment-a", "deployment-b", "statefulset-a", "daemonset-a", "daemonset-b"];
const WIDGETS: Resource = { group: "example.com", version: "v1", name: "widgets", kind: "Widget", namespaced: true };
const WIDGET_DEFINITION = {
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

/** Reads, changes and writes the whole object, again and again until nobody was quicker. */
async function replaceUntilDone(client: Client, resource: Resource, key: ObjectKey, mark: string): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const draft: Stored = structuredClone(await client.get(resource, key));
    draft.metadata.annotations = { ...draft.metadata.annotations, own: mark };
    try {
      await client.update(resource, draft);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new Error(`${key.name} could not be written in ten attempts`);
}
