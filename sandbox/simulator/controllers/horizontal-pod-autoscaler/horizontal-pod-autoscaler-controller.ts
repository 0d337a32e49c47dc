import type { V2HorizontalPodAutoscaler, V2MetricStatus } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import type { EventRecorder } from "../../client/event-recorder";
import { Informer } from "../../client/informer";
import { HORIZONTAL_POD_AUTOSCALERS } from "../../client/resources";
import { toTime } from "../../clock";
import { recorderFor, type ControllerContext, type Runnable } from "../context";
import { Conditions } from "./conditions";
import { replicasForMetric } from "./metric-replicas";
import { scaleTarget, selects, type ScaleTarget } from "./scale-target";
import { normalise, type ScalingHistory } from "./scaling-behavior";

type Autoscaler = Stored<V2HorizontalPodAutoscaler>;

const PERIOD_MS = 15_000;
const TOLERANCE = "0.1";
/** How long what was wanted and done may matter: the longest window there can be. */
const MEMORY_MS = 3_600_000;

/**
 * Keeps the replicas of what autoscalers name at what the load wants. Looks at each every 15 seconds, as long as there
 * is one. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export class HorizontalPodAutoscalerController implements Runnable {
  readonly #context: ControllerContext;
  readonly #recorder: EventRecorder;
  readonly #autoscalers: Informer<V2HorizontalPodAutoscaler>;
  readonly #controller: Controller;
  readonly #histories = new Map<string, ScalingHistory>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#recorder = recorderFor(context, "horizontal-pod-autoscaler");
    const { client, clock, informers, onError } = context;
    this.#autoscalers = new Informer(client, clock, HORIZONTAL_POD_AUTOSCALERS);
    this.#controller = new Controller({
      name: "horizontal-pod-autoscaler",
      clock,
      sync: (key) => this.#sync(key),
      informers: [this.#autoscalers, informers.pods],
      onError,
    });
    const { queue } = this.#controller;
    this.#autoscalers.addHandler({
      // The first look waits a period, as the workqueue of the real one does.
      added: (autoscaler) => queue.addAfter(keyOf(autoscaler), PERIOD_MS),
      deleted: (autoscaler) => void this.#histories.delete(keyOf(autoscaler)),
    });
  }

  start(): void {
    this.#autoscalers.start();
    this.#controller.start();
  }

  stop(): Promise<void> {
    this.#autoscalers.stop();
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const autoscaler = this.#autoscalers.get(namespace, name);
    if (!autoscaler) return;
    try {
      await this.#reconcile(autoscaler, key);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    this.#controller.queue.addAfter(key, PERIOD_MS);
  }

  async #reconcile(autoscaler: Autoscaler, key: string): Promise<void> {
    const { client, clock } = this.#context;
    const { spec, status, metadata } = autoscaler;
    const conditions = new Conditions(status?.conditions ?? [], clock.now());
    const target = await scaleTarget(client, metadata.namespace ?? "", spec.scaleTargetRef);
    if (typeof target === "string") {
      this.#recorder.event(autoscaler, "Warning", "FailedGetScale", target);
      const message = `the HPA controller was unable to get the target's current scale: ${target}`;
      conditions.set("AbleToScale", [false, "FailedGetScale", message]);
      await this.#writeStatus(autoscaler, conditions, status?.currentReplicas ?? 0, status?.desiredReplicas ?? 0);
      return;
    }
    const able = "the HPA controller was able to get the target's current scale";
    conditions.set("AbleToScale", [true, "SucceededGetScale", able]);
    const decision = await this.#decide(autoscaler, key, target, conditions);
    if (!decision) {
      await this.#writeStatus(autoscaler, conditions, target.replicas, status?.desiredReplicas ?? 0);
      return;
    }
    const { replicas, reason, metrics } = decision;
    const rescale = reason !== undefined && replicas !== target.replicas;
    if (rescale) await this.#rescale(autoscaler, key, target, replicas, reason, conditions);
    await this.#writeStatus(autoscaler, conditions, target.replicas, replicas, metrics, rescale);
  }

  /** How many replicas there should be and why; `undefined` where that cannot be told. */
  async #decide(
    autoscaler: Autoscaler,
    key: string,
    target: ScaleTarget,
    conditions: Conditions,
  ): Promise<{ replicas: number; reason?: string; metrics?: V2MetricStatus[] } | undefined> {
    const { minReplicas = 1, maxReplicas } = autoscaler.spec;
    const current = target.replicas;
    if (current === 0 && minReplicas !== 0) {
      const message = "scaling is disabled since the replica count of the target is zero";
      conditions.set("ScalingActive", [false, "ScalingDisabled", message]);
      return { replicas: 0 };
    }
    if (current > maxReplicas) {
      return { replicas: maxReplicas, reason: "Current number of replicas above Spec.MaxReplicas" };
    }
    if (current < minReplicas) {
      return { replicas: minReplicas, reason: "Current number of replicas below Spec.MinReplicas" };
    }
    const wish = await this.#measure(autoscaler, target, conditions);
    if (!wish) return undefined;
    const history = this.#remember(key, wish.replicas);
    const { replicas, stable, limited } = normalise(
      autoscaler.spec,
      history,
      current,
      wish.replicas,
      this.#context.clock.now(),
    );
    conditions.set("AbleToScale", stable);
    conditions.set("ScalingLimited", limited);
    const reason = replicas > current ? `${wish.name} above target` : "All metrics below target";
    return { replicas, reason, metrics: wish.metrics };
  }

  /** The largest wish of all metrics. One that cannot be read forbids scaling down, all of them any scaling. */
  async #measure(
    autoscaler: Autoscaler,
    target: ScaleTarget,
    conditions: Conditions,
  ): Promise<{ replicas: number; name: string; metrics: V2MetricStatus[] } | undefined> {
    const { client, clock, informers } = this.#context;
    const { namespace = "" } = autoscaler.metadata;
    const { metrics = [], behavior } = autoscaler.spec;
    const pods = informers.pods.list(namespace).filter(({ metadata }) => selects(target, metadata.labels));
    const tolerance = {
      up: Number(behavior?.scaleUp?.tolerance ?? TOLERANCE),
      down: Number(behavior?.scaleDown?.tolerance ?? TOLERANCE),
    };
    const { selector, replicas: current } = target;
    const request = { client, namespace, selector, pods, current, tolerance, now: clock.now() };
    const outcomes = await Promise.all(metrics.map((metric) => replicasForMetric(metric, request)));
    const failed = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]));
    const valid = outcomes.flatMap((outcome) => (outcome.ok ? [outcome] : []));
    const [best] = [...valid].sort((a, b) => b.replicas - a.replicas);
    for (const { reason, message } of failed) this.#recorder.event(autoscaler, "Warning", reason, message);
    const [first] = failed;
    if (first && (!best || best.replicas < current)) {
      const message = `the HPA was unable to compute the replica count: ${first.message}`;
      conditions.set("ScalingActive", [false, first.reason, message]);
      const count = `invalid metrics (${failed.length} invalid out of ${metrics.length})`;
      const whole = `${count}, first error is: ${first.what}: ${first.message}`;
      this.#recorder.event(autoscaler, "Warning", "FailedComputeMetricsReplicas", whole);
      return undefined;
    }
    if (!best) return undefined;
    const message = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    conditions.set("ScalingActive", [true, "ValidMetricFound", message]);
    return { replicas: best.replicas, name: best.name, metrics: valid.map(({ status }) => status) };
  }

  #remember(key: string, replicas: number): ScalingHistory {
    const now = this.#context.clock.now();
    const { recommendations = [], changes = [] } = this.#histories.get(key) ?? {};
    const isRecent = ({ at }: { at: number }): boolean => at > now - MEMORY_MS;
    const history = {
      recommendations: [...recommendations.filter(isRecent), { at: now, replicas }],
      changes: changes.filter(isRecent),
    };
    this.#histories.set(key, history);
    return history;
  }

  async #rescale(
    autoscaler: Autoscaler,
    key: string,
    target: ScaleTarget,
    replicas: number,
    reason: string,
    conditions: Conditions,
  ): Promise<void> {
    await target.setReplicas(replicas);
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    conditions.set("AbleToScale", [true, "SucceededRescale", message]);
    this.#recorder.event(autoscaler, "Normal", "SuccessfulRescale", `New size: ${replicas}; reason: ${reason}`);
    const { recommendations = [], changes = [] } = this.#histories.get(key) ?? {};
    const change = { at: this.#context.clock.now(), by: replicas - target.replicas };
    this.#histories.set(key, { recommendations, changes: [...changes, change] });
  }

  async #writeStatus(
    autoscaler: Autoscaler,
    conditions: Conditions,
    currentReplicas: number,
    desiredReplicas: number,
    metrics?: V2MetricStatus[],
    rescaled = false,
  ): Promise<void> {
    const { client, clock } = this.#context;
    const { status: before, metadata } = autoscaler;
    const lastScaleTime = rescaled ? toTime(clock.now()) : before?.lastScaleTime;
    const currentMetrics = metrics ?? before?.currentMetrics;
    const status = {
      ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      currentReplicas,
      desiredReplicas,
      ...(currentMetrics && { currentMetrics }),
      conditions: conditions.list(),
    };
    if (equalJson(status, before)) return;
    await client.updateStatus(HORIZONTAL_POD_AUTOSCALERS, { ...autoscaler, status });
  }
}
