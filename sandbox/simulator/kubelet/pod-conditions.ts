import type { ContainerStatus, PodCondition } from "../api/generated/kubernetes";
import { toTime } from "../clock";
import { isSidecar } from "./container-record";
import { isDone, type PodContainerStatuses } from "./container-statuses";
import type { PodFacts, PodPhase } from "./pod-lifecycle";

type Verdict = { status: "True" | "False"; reason?: string; message?: string };

/** In the order a kubelet writes them; what others wrote (PodScheduled, readiness gates, …) follows unchanged. */
export function podConditions(facts: PodFacts, phase: PodPhase, statuses: PodContainerStatuses): PodCondition[] {
  const containersReady = containersReadyVerdict(facts, phase, statuses);
  const own: [type: string, verdict: Verdict][] = [
    ["PodReadyToStartContainers", { status: facts.sandbox ? "True" : "False" }],
    ["Initialized", initializedVerdict(facts, phase)],
    ["Ready", readyVerdict(facts, containersReady)],
    ["ContainersReady", containersReady],
  ];
  const before = facts.pod.status?.conditions ?? [];
  const others = before.filter(({ type }) => !own.some(([mine]) => mine === type));
  const generation = facts.pod.metadata?.generation;
  const written = own.map(([type, verdict]) => condition(facts, type, verdict, generation));
  const scheduled = others.filter(({ type }) => type === "PodScheduled");
  return [...written, ...scheduled, ...others.filter(({ type }) => type !== "PodScheduled")];
}

function condition(facts: PodFacts, type: string, verdict: Verdict, generation: number | undefined): PodCondition {
  const before = facts.pod.status?.conditions?.find((each) => each.type === type);
  const kept = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  return {
    lastTransitionTime: kept ?? toTime(facts.now),
    ...(verdict.message !== undefined && { message: verdict.message }),
    ...(generation !== undefined && { observedGeneration: generation }),
    ...(verdict.reason !== undefined && { reason: verdict.reason }),
    status: verdict.status,
    type,
  };
}

function initializedVerdict(facts: PodFacts, phase: PodPhase): Verdict {
  const init = facts.pod.spec?.initContainers ?? [];
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const started = facts.pod.spec?.containers.some(({ name }) => facts.records.get(name)?.current !== undefined);
  const incomplete = init.filter((container) => !isDone(facts.records.get(container.name), isSidecar(container)));
  if (incomplete.length === 0 || started) return { status: "True" };
  return {
    status: "False",
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${incomplete.map(({ name }) => name).join(" ")}]`,
  };
}

function containersReadyVerdict(facts: PodFacts, phase: PodPhase, statuses: PodContainerStatuses): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const sidecars = new Set((facts.pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const counted: ContainerStatus[] = [...statuses.init.filter(({ name }) => sidecars.has(name)), ...statuses.app];
  const names = facts.pod.spec?.containers.map(({ name }) => name) ?? [];
  const unready = [...sidecars, ...names].filter((name) => !counted.find((status) => status.name === name)?.ready);
  if (unready.length === 0) return { status: "True" };
  return {
    status: "False",
    reason: "ContainersNotReady",
    message: `containers with unready status: [${unready.join(" ")}]`,
  };
}

function readyVerdict(facts: PodFacts, containersReady: Verdict): Verdict {
  if (containersReady.status === "False") return containersReady;
  const gates = facts.pod.spec?.readinessGates ?? [];
  const problems = gates.flatMap(({ conditionType }) => {
    const found = facts.pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (!found) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return found.status === "True"
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  if (problems.length === 0) return { status: "True" };
  return { status: "False", reason: "ReadinessGatesNotReady", message: problems.join(", ") };
}
