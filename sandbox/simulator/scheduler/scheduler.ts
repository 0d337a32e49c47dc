import type { Node, Pod } from "../api/generated/kubernetes";
import { equalJson } from "../api/json";
import { keyOf, splitKey, type Stored } from "../api/object";
import { isConflict, isNotFound } from "../api/status";
import { ActionEventRecorder } from "../client/action-event-recorder";
import type { Client } from "../client/client";
import { Controller, type ErrorReporter } from "../client/controller";
import { PODS } from "../client/resources";
import type { SharedInformers } from "../client/shared-informers";
import { toTime, type Clock } from "../clock";
import type { Random } from "../random";
import type { Candidate, NodeState, Plugin } from "./filters/filter";
import { interPodAffinity } from "./filters/inter-pod-affinity";
import { podTopologySpread } from "./filters/pod-topology-spread";
import { NodeCache } from "./node-cache";
import { NodeInfo } from "./node-info";
import { fitsOn, place, PREEMPTION, refusedEverywhere, type Failure, type MoreFilters } from "./placement";
import { preempt, priorityOf, type Preemption } from "./preemption";
import { podRequests } from "./resource-requests";
import { UnschedulablePods } from "./unschedulable-pods";
import { VolumeBinding, type VolumePlan } from "./volume-binding";

const SCHEDULER_NAME = "default-scheduler";
const NODE_INDEX = "node";
const NOMINATED_INDEX = "nominated node";

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: SharedInformers;
  readonly host?: string;
  readonly onError?: ErrorReporter;
}

/** Gives each new pod a node. A pod that fits nowhere is tried again when the cluster has changed in its favour. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #controller: Controller;
  readonly #recorder: ActionEventRecorder;
  /** UIDs of pods sent to a node, until the watch shows it. */
  readonly #assumed = new Set<string>();
  readonly #unschedulable: UnschedulablePods;
  readonly #cache = new NodeCache();
  readonly #volumes: VolumeBinding;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { client, clock, informers, host, onError } = options;
    this.#recorder = new ActionEventRecorder({ client, clock, component: SCHEDULER_NAME, host });
    this.#controller = new Controller({
      name: "scheduler",
      clock,
      sync: (key) => this.#schedule(key),
      informers: [informers.pods, informers.nodes],
      onError,
    });
    this.#unschedulable = new UnschedulablePods(this.#controller.queue, clock, informers);
    this.#volumes = new VolumeBinding({
      client,
      informers,
      changed: () => this.#unschedulable.retry({ kind: "volumes" }),
      progressed: (pod) => this.#controller.queue.add(pod),
    });
    informers.pods.addIndex(NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    informers.pods.addIndex(NOMINATED_INDEX, ({ spec, status }) =>
      !spec?.nodeName && status?.nominatedNodeName ? [status.nominatedNodeName] : [],
    );
    informers.pods.addHandler({
      added: (pod) => {
        this.#podChanged(pod);
        if (pod.spec?.nodeName) this.#unschedulable.retry({ kind: "pod", pod });
      },
      updated: (before, pod) => {
        this.#podChanged(pod, before);
        const hasMoved = !equalJson(before.metadata.labels, pod.metadata.labels) && pod.spec?.nodeName;
        const isNew = !before.spec?.nodeName && pod.spec?.nodeName;
        if (!hasEnded(before) && hasEnded(pod)) this.#unschedulable.retry({ kind: "pod gone", pod });
        else if (isNew) this.#unschedulable.retry({ kind: "pod", pod });
        else if (hasMoved) this.#unschedulable.retry({ kind: "pod", pod, before });
      },
      deleted: (pod) => {
        this.#unschedulable.delete(pod);
        this.#assumed.delete(pod.metadata.uid);
        this.#cache.remove(pod.metadata.uid);
        if (pod.spec?.nodeName) this.#unschedulable.retry({ kind: "pod gone", pod });
      },
    });
    informers.nodes.addHandler({
      added: (node) => this.#unschedulable.retry({ kind: "node", node }),
      updated: (before, node) => {
        if (makesRoom(before, node)) this.#unschedulable.retry({ kind: "node", node, before });
      },
      deleted: () => this.#unschedulable.retry({ kind: "node gone" }),
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  #podChanged(pod: Stored<Pod>, before?: Stored<Pod>): void {
    this.#takeRoom(pod);
    if (pod.spec?.nodeName) {
      this.#assumed.delete(pod.metadata.uid);
      this.#unschedulable.delete(pod);
      return;
    }
    // A change of status alone (the scheduler's own, say) makes no pod fit.
    const isNews =
      !before || !equalJson(before.spec, pod.spec) || !equalJson(before.metadata.labels, pod.metadata.labels);
    if (isNews && isOurs(pod)) this.#controller.queue.add(keyOf(pod));
  }

  #takeRoom(pod: Stored<Pod>): void {
    if (hasEnded(pod)) this.#cache.remove(pod.metadata.uid);
    else if (pod.spec?.nodeName) this.#cache.put(pod, pod.spec.nodeName);
  }

  readonly #namespace = (name: string) => this.#options.informers.namespaces.get("", name);

  async #schedule(key: string): Promise<void> {
    const { informers, random } = this.#options;
    const { namespace, name } = splitKey(key);
    const pod = informers.pods.get(namespace, name);
    if (!pod || !isOurs(pod) || (this.#assumed.has(pod.metadata.uid) && !this.#volumes.isReserved(pod))) return;
    const plan = this.#volumes.plan(pod);
    try {
      if (plan.kind === "waiting") return;
      if (plan.kind === "ready") {
        await this.#bind(pod, plan.node);
        return;
      }
      const nodes = this.#nodes(pod);
      const candidate = { pod, requests: podRequests(pod) };
      const surroundings = {
        services: (namespace: string) => informers.services.list(namespace),
        namespace: this.#namespace,
      };
      const more: MoreFilters = (states) => [
        ["VolumeBinding", this.#volumes.filterFor(pod, plan)],
        ["PodTopologySpread", podTopologySpread(candidate, states)],
        ["InterPodAffinity", interPodAffinity(candidate, states, this.#namespace)],
      ];
      const placement =
        plan.kind === "refused"
          ? refusedEverywhere(plan.message, nodes.length)
          : place(candidate, nodes, random, more, surroundings);
      if (placement.kind === "node") {
        await this.#takeNode(pod, plan, placement.name);
        return;
      }
      const { failure, message, refusedBy } = placement;
      const preemption = failure && this.#findVictims(candidate, failure, nodes, more);
      if (!preemption) await this.#giveUp(pod, refusedBy, failure ? this.#verdict(pod, failure, message) : message);
      else {
        await this.#displace(pod, preemption);
        await this.#giveUp(pod, refusedBy, failure.reasons, preemption.node);
      }
    } catch (error) {
      // Deleted or bound by another meanwhile.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  #findVictims(
    candidate: Candidate,
    { resolvable }: Failure,
    nodes: readonly NodeState[],
    more: MoreFilters,
  ): Preemption | undefined {
    const { pod } = candidate;
    if (pod.spec?.preemptionPolicy === "Never" || this.#awaitsVictims(pod)) return undefined;
    const fits = (each: Candidate, state: NodeState) => fitsOn(each, state, nodes, more);
    const without = (state: NodeState, gone: readonly Stored<Pod>[]) => {
      const pods = state.pods.filter((other) => !gone.includes(other));
      return NodeInfo.of(state.node, pods);
    };
    return preempt(candidate, resolvable, fits, without, this.#options.informers.podDisruptionBudgets.list());
  }

  /** Why a pod displaces nobody, where that is not for want of weaker ones. */
  #verdict(pod: Stored<Pod>, { reasons }: Failure, message: string): string {
    if (pod.spec?.preemptionPolicy === "Never") {
      return `${reasons} ${PREEMPTION} not eligible due to preemptionPolicy=Never.`;
    }
    if (!this.#awaitsVictims(pod)) return message;
    return `${reasons} ${PREEMPTION} not eligible due to a terminating pod on the nominated node.`;
  }

  /** Whether the pods it displaced are still on their way out. */
  #awaitsVictims(pod: Stored<Pod>): boolean {
    const node = pod.status?.nominatedNodeName;
    if (!node) return false;
    const there = this.#options.informers.pods.byIndex(NODE_INDEX, node);
    return there.some((other) => other.metadata.deletionTimestamp && priorityOf(other) < priorityOf(pod));
  }

  async #displace(pod: Stored<Pod>, { node, victims }: Preemption): Promise<void> {
    const { client, clock } = this.#options;
    for (const victim of victims) {
      const { namespace = "", name, uid, generation } = victim.metadata;
      const condition = {
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: `${SCHEDULER_NAME}: preempting to accommodate a higher priority pod`,
        observedGeneration: generation,
        lastTransitionTime: toTime(clock.now()),
      };
      try {
        const body = { status: { conditions: [condition] } };
        await client.patch(PODS, { namespace, name }, { type: "strategic", body, subresource: "status" });
        await client.delete(PODS, { namespace, name }, { preconditions: { uid } });
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) continue;
        throw error;
      }
      const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
      this.#recorder.event(victim, "Normal", "Preempted", "Preempting", message);
    }
  }

  /** The pod goes to its node once its volumes are there. */
  async #takeNode(pod: Stored<Pod>, plan: VolumePlan, name: string): Promise<void> {
    const node = this.#options.informers.nodes.get("", name);
    if (!node || (await this.#volumes.bind(pod, plan, node))) return this.#bind(pod, name);
    this.#assume(pod, name);
  }

  #assume(pod: Stored<Pod>, node: string): void {
    this.#assumed.add(pod.metadata.uid);
    this.#cache.put(pod, node);
  }

  async #bind(pod: Stored<Pod>, node: string): Promise<void> {
    const { namespace = "", name, uid } = pod.metadata;
    this.#assume(pod, node);
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { kind: "Node", name: node },
    };
    try {
      await this.#options.client.createSubresource(PODS, { namespace, name }, "binding", binding);
    } catch (error) {
      this.#assumed.delete(uid);
      this.#cache.remove(uid);
      // Perhaps another has sent it elsewhere.
      const seen = this.#options.informers.pods.get(namespace, name);
      if (seen?.metadata.uid === uid) this.#takeRoom(seen);
      throw error;
    }
    this.#volumes.forget(pod);
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    this.#recorder.event(pod, "Normal", "Scheduled", "Binding", message);
  }

  async #giveUp(pod: Stored<Pod>, refusedBy: ReadonlySet<Plugin>, message: string, nominated?: string): Promise<void> {
    const { client, clock } = this.#options;
    this.#unschedulable.add(pod, refusedBy);
    this.#recorder.event(pod, "Warning", "FailedScheduling", "Scheduling", message);
    const before = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
    const isKnown = before?.status === "False" && before.reason === "Unschedulable" && before.message === message;
    if (isKnown && nominated === undefined) return;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      observedGeneration: pod.metadata.generation,
      lastProbeTime: null,
      lastTransitionTime: before?.status === "False" ? before.lastTransitionTime : toTime(clock.now()),
    };
    const { namespace = "", name } = pod.metadata;
    const body = {
      status: { conditions: [condition], ...(nominated !== undefined && { nominatedNodeName: nominated }) },
    };
    await client.patch(PODS, { namespace, name }, { type: "strategic", body, subresource: "status" });
  }

  /** The nodes as `candidate` finds them: with pods on their way there, and room kept for stronger ones. */
  #nodes(candidate: Stored<Pod>): NodeState[] {
    const { informers } = this.#options;
    return informers.nodes.list().map((node) => {
      const info = this.#cache.infoOf(node);
      const nominated = informers.pods
        .byIndex(NOMINATED_INDEX, node.metadata.name)
        .filter((pod) => pod.metadata.uid !== candidate.metadata.uid && priorityOf(pod) >= priorityOf(candidate));
      return nominated.length === 0 ? info : NodeInfo.of(node, [...info.pods, ...nominated]);
    });
  }
}

/** A pod that waits for this scheduler. */
function isOurs(pod: Stored<Pod>): boolean {
  const { nodeName, schedulerName = SCHEDULER_NAME, schedulingGates = [] } = pod.spec ?? {};
  if (nodeName || schedulingGates.length > 0 || schedulerName !== SCHEDULER_NAME) return false;
  return !pod.metadata.deletionTimestamp && !hasEnded(pod);
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

function makesRoom(before: Stored<Node>, after: Stored<Node>): boolean {
  return (
    !equalJson(before.spec, after.spec) ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.status?.allocatable, after.status?.allocatable)
  );
}
