import type { Amounts } from "../../api/amounts";
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { podAmounts } from "../../api/pod-amounts";
import { compareQuantities, milliValue } from "../../api/quantity";
import { forbidden } from "../../api/status";
import { LIMIT_RANGES } from "../../registry/references";
import type { Admission, AdmissionAttributes } from "./admission";

const ANNOTATION = "kubernetes.io/limit-ranger";

/** Fills in and holds the bounds that a namespace's limit ranges set. https://kubernetes.io/docs/concepts/policy/limit-range/ */
export const limitRanger: Admission = {
  admit({ operation, resource, subresource, namespace, object, context }) {
    if (operation !== "create" || subresource !== "" || resource.group !== "" || resource.name !== "pods") return;
    for (const range of context.list(LIMIT_RANGES, namespace)) fillIn(object as Pod, range);
  },
  validate(attributes) {
    const { resource, namespace, object, context } = attributes;
    if (!object || !isBounded(attributes)) return undefined;
    for (const range of context.list(LIMIT_RANGES, namespace)) {
      const faults = (range.spec?.limits ?? []).flatMap((limit) =>
        resource.name === "pods"
          ? podFaults(object as Pod, limit)
          : claimFaults(object as PersistentVolumeClaim, limit),
      );
      if (faults.length === 0) continue;
      const distinct = [...new Set(faults)];
      const why = distinct.length === 1 ? distinct.join() : `[${distinct.join(", ")}]`;
      throw forbidden(resource, object.metadata?.name ?? "", why);
    }
    return undefined;
  },
};

function isBounded({ operation, resource, subresource }: AdmissionAttributes): boolean {
  if (resource.group !== "") return false;
  if (resource.name === "persistentvolumeclaims") return subresource === "" && operation !== "delete";
  if (resource.name !== "pods") return false;
  return (operation === "create" && subresource === "") || (operation === "update" && subresource === "resize");
}

function fillIn(pod: Pod, range: Stored<LimitRange>): void {
  let limits: Amounts = {};
  let requests: Amounts = {};
  for (const limit of range.spec?.limits ?? []) {
    if (limit.type !== "Container") continue;
    limits = { ...limits, ...limit.default };
    requests = { ...requests, ...limit.defaultRequest };
  }
  const notes = [
    ...(pod.spec?.containers ?? []).flatMap((each) => fillInContainer(each, requests, limits, "container")),
    ...(pod.spec?.initContainers ?? []).flatMap((each) => fillInContainer(each, requests, limits, "init container")),
  ];
  if (notes.length === 0) return;
  const metadata = (pod.metadata ??= {});
  metadata.annotations = { ...metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join("; ")}` };
}

/** What was set, in words. */
function fillInContainer(container: Container, requests: Amounts, limits: Amounts, what: string): string[] {
  const resources = (container.resources ??= {});
  return [
    ...fill("requests", requests).map((names) => `${names} request for ${what} ${container.name}`),
    ...fill("limits", limits).map((names) => `${names} limit for ${what} ${container.name}`),
  ];

  function fill(part: "requests" | "limits", defaults: Amounts): string[] {
    const missing = Object.keys(defaults).filter((name) => resources[part]?.[name] === undefined);
    if (missing.length === 0) return [];
    resources[part] = {
      ...resources[part],
      ...Object.fromEntries(missing.map((name) => [name, defaults[name] ?? "0"])),
    };
    return [missing.sort().join(", ")];
  }
}

function podFaults(pod: Pod, limit: LimitRangeItem): string[] {
  if (limit.type === "Pod") return boundFaults(limit, podAmounts(pod, "requests"), podAmounts(pod, "limits"));
  if (limit.type !== "Container") return [];
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return containers.flatMap(({ resources }) => boundFaults(limit, resources?.requests ?? {}, resources?.limits ?? {}));
}

function boundFaults(limit: LimitRangeItem, requests: Amounts, limits: Amounts): string[] {
  return [
    ...faultsOf(limit.min, (name, bound) => tooLittle(limit.type, name, bound, requests[name], limits[name])),
    ...faultsOf(limit.max, (name, bound) => tooMuch(limit.type, name, bound, requests[name], limits[name])),
    ...faultsOf(limit.maxLimitRequestRatio, (name, bound) =>
      tooFarApart(limit.type, name, bound, requests[name], limits[name]),
    ),
  ];
}

function claimFaults({ spec }: PersistentVolumeClaim, limit: LimitRangeItem): string[] {
  if (limit.type !== "PersistentVolumeClaim") return [];
  const requests = spec?.resources?.requests ?? {};
  return [
    ...faultsOf(limit.min, (name, bound) => tooLittle(limit.type, name, bound, requests[name], undefined)),
    ...faultsOf(limit.max, (name, bound) => {
      const rule = `maximum ${name} usage per ${limit.type} is ${bound}`;
      const request = requests[name];
      if (request === undefined) return `${rule}.  No request is specified`;
      return compareQuantities(request, bound) > 0 ? `${rule}, but request is ${request}` : undefined;
    }),
  ];
}

function faultsOf(bounds: Amounts | undefined, judge: (name: string, bound: string) => string | undefined): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => judge(name, bound) ?? []);
}

type Amount = string | undefined;

function tooLittle(type: string, name: string, bound: string, request: Amount, limit: Amount): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${rule}, but request is ${request}`;
  if (limit !== undefined && compareQuantities(limit, bound) < 0) return `${rule}, but limit is ${limit}`;
  return undefined;
}

function tooMuch(type: string, name: string, bound: string, request: Amount, limit: Amount): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${rule}, but limit is ${limit}`;
  if (request !== undefined && compareQuantities(request, bound) > 0) return `${rule}, but request is ${request}`;
  return undefined;
}

function tooFarApart(type: string, name: string, bound: string, request: Amount, limit: Amount): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === undefined || compareQuantities(request, "0") === 0) {
    return `${rule}, but no request is specified or request is 0`;
  }
  if (limit === undefined || compareQuantities(limit, "0") === 0) {
    return `${rule}, but no limit is specified or limit is 0`;
  }
  const ratio = milliValue(limit) / milliValue(request);
  return ratio > milliValue(bound) / 1000 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
