import { isJsonObject } from "../api/json";
import type { KubeObject } from "../api/object";

/** The object as `kubectl apply` makes it from a file: with the file's content in an annotation. */
export function applied<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  const annotations = metadata?.annotations ?? {};
  const content = sorted({ ...object, metadata: { ...metadata, annotations } });
  const last = { "kubectl.kubernetes.io/last-applied-configuration": `${JSON.stringify(content)}\n` };
  return { ...object, metadata: { ...metadata, annotations: { ...last, ...annotations } } };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
