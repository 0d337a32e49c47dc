import type { CheckMessage } from "../protocol/check-messages";
import type { CheckOf } from "../protocol/checks";
import { findOrExplain } from "./explain-missing";
import { explainPods } from "./explain-pods";
import { isPodReady, isTerminating, labelsOf, matches, selectorOf, showLabels } from "./facts";
import type { ClusterObject } from "./object-source";
import { read, readList, readNumber, readText } from "./read";
import type { Snapshot } from "./snapshot";

export function checkServiceSelects(check: CheckOf<"serviceSelects">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, { kind: "Service", ...check.service });
  if ("message" in found) return found.message;
  const service = check.service.name;
  const selector = selectorOf(found.object);
  const selected = selectedPods(found.object, snapshot);
  const unmatched = explainSelector(service, selector, selected, snapshot.list("Pod", check.service.namespace));
  if (unmatched) return unmatched;
  let counted = selected;
  if (check.workload) {
    const workload = findOrExplain(snapshot, check.workload);
    if ("message" in workload) return workload.message;
    const own = snapshot.podsOf(check.workload.kind, workload.object).filter((pod) => !isTerminating(pod));
    counted = own.filter((pod) => matches(selector, labelsOf(pod)));
    const other = own[0];
    if (counted.length === 0 && other) {
      const { kind, name } = check.workload;
      const labels = showLabels(withoutHash(labelsOf(other)));
      return {
        code: "service-selects-others",
        params: { service, selector: showLabels(selector), kind, name, labels },
      };
    }
  }
  const ready = counted.filter(isPodReady).length;
  if (ready >= check.ready) return undefined;
  if (counted.length < check.ready) {
    return { code: "service-selects-too-few", params: { service, actual: counted.length, expected: check.ready } };
  }
  return troubleOf(counted) ?? notReady(service, counted, check.ready);
}

export function checkEndpointsReady(check: CheckOf<"endpointsReady">, snapshot: Snapshot): CheckMessage | undefined {
  const found = findOrExplain(snapshot, { kind: "Service", ...check.service });
  if ("message" in found) return found.message;
  const { name: service, namespace } = check.service;
  const ports = readList(found.object, "spec", "ports");
  const port = check.port === undefined ? undefined : ports.find((entry) => readNumber(entry, "port") === check.port);
  if (check.port !== undefined && port === undefined) {
    const numbers = ports.map((entry) => readNumber(entry, "port") ?? 0).join(", ");
    return { code: "service-no-port", params: { service, port: check.port, ports: numbers } };
  }
  const actual = readyAddresses(snapshot, check.service, port);
  if (actual >= check.ready) return undefined;

  const selector = selectorOf(found.object);
  // Without a selector its EndpointSlices are written by hand: there is no pod to blame.
  if (Object.keys(selector).length > 0) {
    const selected = selectedPods(found.object, snapshot);
    const unmatched = explainSelector(service, selector, selected, snapshot.list("Pod", namespace));
    if (unmatched) return unmatched;
    const targetPort = unknownTargetPort(port === undefined ? ports : [port], selected);
    if (targetPort !== undefined) return { code: "service-target-port-unknown", params: { service, targetPort } };
    if (selected.filter(isPodReady).length < check.ready) {
      return troubleOf(selected) ?? notReady(service, selected, check.ready);
    }
  }
  return { code: "endpoints-too-few", params: { service, actual, expected: check.ready } };
}

function selectedPods(service: ClusterObject, snapshot: Snapshot): ClusterObject[] {
  const selector = selectorOf(service);
  if (Object.keys(selector).length === 0) return [];
  return snapshot
    .list("Pod", service.metadata?.namespace)
    .filter((pod) => !isTerminating(pod) && matches(selector, labelsOf(pod)));
}

/** The first broken link between a Service and pods: no selector, a label that no pod has, labels no pod has together. */
function explainSelector(
  service: string,
  selector: Readonly<Record<string, string>>,
  selected: readonly ClusterObject[],
  pods: readonly ClusterObject[],
): CheckMessage | undefined {
  if (Object.keys(selector).length === 0) return { code: "service-no-selector", params: { service } };
  if (selected.length > 0) return undefined;
  const here = pods.filter((pod) => !isTerminating(pod));
  for (const [key, value] of Object.entries(selector)) {
    if (here.some((pod) => labelsOf(pod)[key] === value)) continue;
    return { code: "service-selects-nothing", params: { service, selector: `${key}=${value}` } };
  }
  return { code: "service-selects-nothing-labels", params: { service, selector: showLabels(selector) } };
}

function troubleOf(pods: readonly ClusterObject[]): CheckMessage | undefined {
  const trouble = explainPods(pods);
  return trouble?.code === "pod-starting" ? undefined : trouble;
}

function notReady(service: string, pods: readonly ClusterObject[], expected: number): CheckMessage {
  const ready = pods.filter(isPodReady).length;
  return { code: "service-pods-not-ready", params: { service, selected: pods.length, ready, expected } };
}

/** Addresses in slices that serve `port` (any port, without one), each counted once. */
function readyAddresses(snapshot: Snapshot, ref: { name: string; namespace: string }, port: unknown): number {
  const addresses = new Set<string>();
  for (const slice of snapshot.list("EndpointSlice", ref.namespace)) {
    if (labelsOf(slice)["kubernetes.io/service-name"] !== ref.name) continue;
    const names = readList(slice, "ports").map((entry) => readText(entry, "name") ?? "");
    if (port !== undefined && !names.includes(readText(port, "name") ?? "")) continue;
    if (names.length === 0) continue;
    for (const endpoint of readList(slice, "endpoints")) {
      // Absent means ready: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
      if (read(endpoint, "conditions", "ready") === false) continue;
      for (const address of readList(endpoint, "addresses")) addresses.add(String(address));
    }
  }
  return addresses.size;
}

function unknownTargetPort(ports: readonly unknown[], pods: readonly ClusterObject[]): string | undefined {
  const known = new Set(
    pods
      .flatMap((pod) => readList(pod, "spec", "containers"))
      .flatMap((container) => readList(container, "ports"))
      .map((port) => readText(port, "name")),
  );
  return ports.map((port) => readText(port, "targetPort")).find((name) => name !== undefined && !known.has(name));
}

function withoutHash(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== "pod-template-hash"));
}
