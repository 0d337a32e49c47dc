import type { PodTemplateSpec } from "../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../api/json";

export const TEMPLATE_HASH_LABEL = "pod-template-hash";

/** Kubernetes' alphabet of names that cannot spell words. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/**
 * The `pod-template-hash` of a template: 32 bits of FNV-1a as decimal digits, written in the safe alphabet. Equal
 * templates give equal hashes; `collisionCount` makes another one where two different templates do.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = 0x811c9dc5;
  const text = canonical(template) + (collisionCount === undefined ? "" : `#${collisionCount}`);
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return Array.from(String(hash), (digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}

/** Whether two templates are the same but for the hash label. */
export function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return equalJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  if (!template?.metadata?.labels?.[TEMPLATE_HASH_LABEL]) return template;
  const copy = cloneJson(template);
  delete copy.metadata?.labels?.[TEMPLATE_HASH_LABEL];
  return copy;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
