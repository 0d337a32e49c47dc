import { toTime } from "../clock";
import { cloneJson } from "../api/json";
import type { Condition, Eviction, Pod, PodDisruptionBudget, Status } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import type { ApiRequest, RequestOptions } from "../api/request";
import { badRequest, failure, forbidden } from "../api/status";
import { DISRUPTION_BUDGETS } from "../registry/references";
import { admit, admitFinished } from "./admission/chain";
import { draftOf } from "./body";
import { removeObject } from "./delete";
import { withDeleteOptions } from "./query";
import { getObject } from "./read";
import { strategyContext, type ServerContext } from "./server-context";
import { collectionOf, storageKey, type Target } from "./target";

const EVICTION = { group: "policy", version: "v1", kind: "Eviction" };

/** Evictions that the disruption controller has not seen to yet; beyond it no more are let through. */
const MOST_DISRUPTED = 2000;

/**
 * Deletes a pod where its disruption budget lets that happen, and takes the disruption off the budget at once.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export function evictPod(server: ServerContext, target: Target, request: ApiRequest): Status {
  const eviction = draftOf(request.body, EVICTION) as Eviction;
  if (eviction.metadata?.name !== target.name) throw badRequest("name in URL does not match name in Eviction object");
  const options = withDeleteOptions(request.options, { ...eviction.deleteOptions });
  admit(server, "create", target, request, eviction);
  admitFinished(server, "create", target, request, eviction);
  const pod = getObject(server, target) as Stored<Pod>;
  const budgets = isDisrupted(pod) ? [] : budgetsOf(server, pod);
  const [budget, another] = budgets;
  if (another) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code: 500 };
  }
  if (budget && !isFree(pod, budget)) charge(server, pod, budget, options.dryRun ?? false);
  removeObject(server, target, {
    ...request,
    options: options.dryRun ? options : sayWhy(server, target, pod, options),
  });
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
}

/** Whoever counts the pod knows that it goes for no fault of its own. Returns the options as they fit the pod now. */
function sayWhy(server: ServerContext, target: Target, pod: Stored<Pod>, options: RequestOptions): RequestOptions {
  const { preconditions } = options;
  const wanted = preconditions?.resourceVersion;
  if (wanted && wanted !== pod.metadata.resourceVersion) return options;
  const draft = cloneJson(pod);
  const conditions = (draft.status?.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget");
  conditions.push({
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: toTime(server.clock.now()),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  });
  draft.status = { ...draft.status, conditions };
  const marked = server.storage.update(target.collection, storageKey(target.namespace, target.name), pod, draft);
  if (!wanted || !marked) return options;
  return { ...options, preconditions: { ...preconditions, resourceVersion: marked.metadata.resourceVersion } };
}

/** Pods that do not serve (any more, or yet): nothing is disturbed by their end. */
function isDisrupted({ status, metadata }: Stored<Pod>): boolean {
  return ["Succeeded", "Failed", "Pending"].includes(status?.phase ?? "") || metadata.deletionTimestamp !== undefined;
}

function budgetsOf(server: ServerContext, { metadata }: Stored<Pod>): Stored<PodDisruptionBudget>[] {
  return strategyContext(server)
    .list(DISRUPTION_BUDGETS, metadata.namespace ?? "")
    .filter(({ spec }) => {
      const selector = selectorFrom(spec?.selector) ?? [];
      return selector.length > 0 && matchesLabels(selector, metadata.labels);
    });
}

/** A pod that is not ready does not count; it may go when those that count suffice, or when the budget says so. */
function isFree({ status }: Pod, { spec, status: budget }: PodDisruptionBudget): boolean {
  const isReady = (status?.conditions ?? []).some((each) => each.type === "Ready" && each.status === "True");
  if (isReady) return false;
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function charge(server: ServerContext, pod: Stored<Pod>, budget: Stored<PodDisruptionBudget>, dryRun: boolean): void {
  const { name, generation = 0 } = budget.metadata;
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < generation) {
    throw tooManyDisruptions(`The disruption budget ${name} is still being processed by the server.`, 10);
  }
  const subject = { group: "policy", name: "poddisruptionbudget" };
  if (disruptionsAllowed < 0) throw forbidden(subject, name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > MOST_DISRUPTED) {
    throw forbidden(subject, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (disruptionsAllowed === 0) throw tooManyDisruptions(whyNone(budget));
  if (dryRun) return;
  const now = toTime(server.clock.now());
  const draft = cloneJson(budget);
  const status = (draft.status ??= {});
  status.disruptionsAllowed = disruptionsAllowed - 1;
  status.disruptedPods = { ...disruptedPods, [pod.metadata.name]: now };
  if (status.disruptionsAllowed === 0)
    status.conditions = withNoneAllowed(status.conditions ?? [], observedGeneration, now);
  const { namespace = "" } = budget.metadata;
  const { group, name: resource } = DISRUPTION_BUDGETS;
  server.storage.update(collectionOf(group, resource), storageKey(namespace, name), budget, draft);
}

function whyNone({ metadata, status = {} }: Stored<PodDisruptionBudget>): string {
  const failed = status.conditions?.find(
    ({ type, status: state, reason }) => type === DISRUPTION_ALLOWED && state === "False" && reason === "SyncFailed",
  );
  if (failed) {
    const { name } = metadata;
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  }
  const { desiredHealthy = 0, currentHealthy = 0 } = status;
  return `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
}

const DISRUPTION_ALLOWED = "DisruptionAllowed";

function withNoneAllowed(conditions: readonly Condition[], observedGeneration: number, now: string): Condition[] {
  const before = conditions.find(({ type }) => type === DISRUPTION_ALLOWED);
  const lastTransitionTime = before?.status === "False" ? before.lastTransitionTime : now;
  const none = {
    type: DISRUPTION_ALLOWED,
    status: "False",
    observedGeneration,
    lastTransitionTime,
    reason: "InsufficientPods",
    message: "",
  };
  return before ? conditions.map((each) => (each === before ? none : each)) : [...conditions, none];
}

function tooManyDisruptions(message: string, retryAfterSeconds?: number): Error {
  const causes = [{ reason: "DisruptionBudget", message }];
  const details = { causes, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  return failure(429, "TooManyRequests", text, details);
}
