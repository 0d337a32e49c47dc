import { compareFields, fieldsOf } from "../api/fields/compare";
import { difference, type FieldSet } from "../api/fields/field-set";
import type { Shape } from "../api/fields/shape";
import { isJsonObject } from "../api/json";
import { apiVersionOf, type KubeObject, type Resource } from "../api/object";

/** The manager for which the annotation of client-side apply is minded; another one is not concerned with it. */
export const KUBECTL = "kubectl";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * What client-side apply set and nobody has changed since; `undefined` when it never did.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
export function lastAppliedFields(
  live: KubeObject,
  kind: Pick<Resource, "group" | "version">,
  shape: Shape,
): FieldSet | undefined {
  const last = parse(live.metadata?.annotations?.[LAST_APPLIED]);
  if (!isJsonObject(last) || last["apiVersion"] !== apiVersionOf(kind)) return undefined;
  const { changed, removed } = compareFields(last, live, shape);
  return difference(difference(fieldsOf(last, shape), changed), removed);
}

/** Where the annotation is, it follows what is applied, so that client-side apply can go on from there. */
export function renewLastApplied(draft: KubeObject, config: KubeObject): void {
  const annotations = draft.metadata?.annotations;
  if (!annotations?.[LAST_APPLIED]) return;
  const { [LAST_APPLIED]: _own, ...others } = config.metadata?.annotations ?? {};
  const { annotations: _all, ...metadata } = config.metadata ?? {};
  const hasAny = Object.keys(others).length > 0;
  const applied = { ...config, metadata: { ...metadata, ...(hasAny && { annotations: others }) } };
  annotations[LAST_APPLIED] = `${JSON.stringify(sorted(applied))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

function parse(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Somebody wrote something else there; then it says nothing.
    return undefined;
  }
}
