import type { CheckMessage } from "../protocol/check-messages";
import type { CheckOf } from "../protocol/checks";
import { findOrExplain } from "./explain-missing";
import { explainPods } from "./explain-pods";
import { isPodReady, rolloutOf } from "./facts";
import type { Snapshot } from "./snapshot";

export function checkWorkloadReady(check: CheckOf<"workloadReady">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, check.workload);
  if ("message" in found) return found.message;
  const { kind, name } = check.workload;
  const { wanted, total, updated, ready, observed, paused } = rolloutOf(kind, found.object);
  const { replicas, atLeast } = check;
  if (replicas !== undefined && wanted !== replicas) {
    return { code: "workload-wrong-replicas", params: { kind, name, actual: wanted, expected: replicas } };
  }
  if (wanted < (atLeast ?? 0)) {
    return { code: "workload-too-few-replicas", params: { kind, name, actual: wanted, expected: atLeast ?? 0 } };
  }
  if (observed && updated >= wanted && ready >= wanted && total <= wanted) return undefined;
  if (paused && updated < wanted) return { code: "workload-paused", params: { kind, name } };
  const trouble = explainPods(snapshot.podsOf(kind, found.object));
  if (trouble && trouble.code !== "pod-starting") return trouble;
  if (updated < wanted && total >= wanted) {
    return { code: "workload-rolling", params: { kind, name, updated, expected: wanted } };
  }
  if (ready >= wanted && total > wanted) {
    return { code: "workload-extra-pods", params: { kind, name, actual: total, expected: wanted } };
  }
  return { code: "workload-not-ready", params: { kind, name, ready, expected: wanted } };
}

export function checkPodReplaced(check: CheckOf<"podReplaced">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, check.workload);
  if ("message" in found) return found.message;
  const { kind, name } = check.workload;
  const controllers = [...snapshot.podControllers(kind, found.object)];
  const { history } = snapshot;
  if (snapshot.podsOf(kind, found.object).some((pod) => isPodReady(pod) && history.isReplacement(pod)))
    return undefined;
  if (controllers.some((owner) => history.lostReadyPod(owner)))
    return { code: "replaced-waiting", params: { kind, name } };
  const hadReady = controllers.some((owner) => history.hadReadyPod(owner));
  return { code: hadReady ? "replaced-none-gone" : "replaced-no-pod-yet", params: { kind, name } };
}
