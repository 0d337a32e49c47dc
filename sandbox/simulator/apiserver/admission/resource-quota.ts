import {
  addAmounts,
  exceeded,
  formatAmounts,
  maskAmounts,
  subtractAmounts,
  withoutZeros,
  type Amounts,
} from "../../api/amounts";
import { cloneJson } from "../../api/json";
import type { ResourceQuota } from "../../api/generated/kubernetes";
import type { KubeObject, Stored } from "../../api/object";
import { compareQuantities } from "../../api/quantity";
import { forbidden } from "../../api/status";
import { evaluatorFor, measuredNames, type QuotaEvaluator } from "../../quota/evaluator";
import { RESOURCE_QUOTAS } from "../../registry/references";
import type { Storage } from "../storage";
import { collectionOf, storageKey } from "../target";
import type { Admission, AdmissionAttributes } from "./admission";

/**
 * Refuses what would go beyond a quota of its namespace, and charges what is let in to the quota's status at once: the
 * controller only counts anew what went. https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export function resourceQuota(storage: Storage): Admission {
  return {
    validate(attributes) {
      const { operation, subresource, resource, namespace, object, old, context } = attributes;
      if (!object || namespace === "" || (subresource !== "" && subresource !== "resize")) return undefined;
      const evaluator = evaluatorFor(resource);
      const isCounted =
        operation === "create" || (operation === "update" && (evaluator.countsUpdates || subresource === "resize"));
      if (!isCounted) return undefined;
      const quotas = context.list(RESOURCE_QUOTAS, namespace);
      if (quotas.length === 0) return undefined;
      const concerned = quotas.filter((quota) => concerns(quota, evaluator, attributes, object));
      const now = context.clock.now();
      const before = old ? evaluator.usage(old, now) : {};
      const delta = withoutZeros(subtractAmounts(evaluator.usage(object, now), before));
      const charges = concerned.map((quota) => [quota, charged(quota, delta, attributes)] as const);
      return () => {
        for (const [quota, used] of charges) charge(storage, quota, used);
      };
    },
  };
}

function concerns(
  quota: Stored<ResourceQuota>,
  evaluator: QuotaEvaluator,
  attributes: AdmissionAttributes,
  object: KubeObject,
): boolean {
  const hard = quota.status?.hard ?? {};
  const names = measuredNames(quota, evaluator, attributes.resource, object, hard);
  if (names.length === 0) return false;
  const missing = evaluator.missing?.(object, names);
  if (missing) throw refusal(attributes, `failed quota: ${quota.metadata.name}: ${missing}`);
  if (names.some((name) => quota.status?.used?.[name] === undefined)) {
    const list = [...names].sort().join(",");
    throw refusal(attributes, `status unknown for quota: ${quota.metadata.name}, resources: ${list}`);
  }
  return true;
}

/** What the quota counts once `delta` is in; throws when that is too much. */
function charged(quota: Stored<ResourceQuota>, delta: Amounts, attributes: AdmissionAttributes): Amounts {
  const { hard = {}, used = {} } = quota.status ?? {};
  const requested = maskAmounts(delta, Object.keys(hard));
  const total = addAmounts(used, requested);
  const over = exceeded(maskAmounts(total, Object.keys(requested)), hard);
  if (over.length === 0) return total;
  const [asked, standing, most] = [requested, used, hard].map((each) => formatAmounts(maskAmounts(each, over)));
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${standing}, limited: ${most}`;
  throw refusal(attributes, why);
}

function charge(storage: Storage, quota: Stored<ResourceQuota>, used: Amounts): void {
  const standing = quota.status?.used ?? {};
  // What became less is the controller's to find.
  const isMore = Object.entries(used).some(([name, amount]) => compareQuantities(amount, standing[name] ?? "0") > 0);
  if (!isMore) return;
  const draft = cloneJson(quota);
  draft.status = { ...draft.status, used: { ...used } };
  const { namespace = "", name } = quota.metadata;
  storage.update(collectionOf(RESOURCE_QUOTAS.group, RESOURCE_QUOTAS.name), storageKey(namespace, name), quota, draft);
}

function refusal({ resource, name, object }: AdmissionAttributes, why: string): Error {
  const { metadata } = object ?? {};
  return forbidden(resource, metadata?.name ?? metadata?.generateName ?? name, why);
}
