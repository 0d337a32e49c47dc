import { isJsonObject, type JsonObject } from "../json";

/**
 * A set of fields of an object, as managedFields keep it: a tree whose steps are `f:name`, `k:{"name":"nginx"}` (an item
 * of a list with keys), `v:"x"` (an item of a set). `member` says that the field itself is in the set.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ (fieldsV1)
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const NOTHING: FieldSet = { member: false, children: new Map() };
export const LEAF: FieldSet = { member: true, children: new Map() };

export function isEmptySet({ member, children }: FieldSet): boolean {
  return !member && children.size === 0;
}

/** A node with those of the children that are not empty. */
export function node(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  const kept = new Map<string, FieldSet>();
  for (const [step, child] of children) if (!isEmptySet(child)) kept.set(step, child);
  return { member, children: kept };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [step, child] of b.children) children.set(step, union(children.get(step) ?? NOTHING, child));
  return node(a.member || b.member, children);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  const children = [...a.children].map(
    ([step, child]) => [step, difference(child, b.children.get(step) ?? NOTHING)] as const,
  );
  return node(a.member && !b.member, children);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = [...a.children].map(
    ([step, child]) => [step, intersection(child, b.children.get(step) ?? NOTHING)] as const,
  );
  return node(a.member && b.member, children);
}

/** The members as messages name them: `.spec.containers[name="nginx"].image`. In order. */
export function pathsOf(set: FieldSet, prefix = ""): string[] {
  const paths = set.member ? [prefix] : [];
  const sorted = [...set.children].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [step, child] of sorted) paths.push(...pathsOf(child, prefix + stepText(step)));
  return paths;
}

function stepText(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (step.startsWith("v:")) return `[=${rest}]`;
  const keys: unknown = JSON.parse(rest);
  if (!isJsonObject(keys)) return `[${rest}]`;
  return `[${Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(",")}]`;
}

/** The wire form; keys in order. */
export function toFieldsV1({ member, children }: FieldSet): JsonObject {
  if (children.size === 0) return EMPTY;
  const result: JsonObject = {};
  if (member) result["."] = EMPTY;
  for (const step of [...children.keys()].sort()) result[step] = toFieldsV1(children.get(step) ?? NOTHING);
  return result;
}

// Most nodes are leaves: all of them are this one.
const EMPTY: JsonObject = Object.freeze({});

/** Reads the wire form; whatever is malformed counts as nothing. */
export function fromFieldsV1(value: unknown): FieldSet {
  return isJsonObject(value) ? readNode(value, false) : NOTHING;
}

function readNode(value: JsonObject, isChild: boolean): FieldSet {
  const keys = Object.keys(value);
  if (keys.length === 0) return isChild ? LEAF : NOTHING;
  const children = keys
    .filter((key) => key !== "." && /^[fkvi]:/.test(key))
    .map((key) => [key, isJsonObject(value[key]) ? readNode(value[key], true) : NOTHING] as const);
  return node("." in value, children);
}

/** Whether the wire form and the set have a member in common. */
export function touches(written: JsonObject, set: FieldSet): boolean {
  return touchesNode(written, set, false);
}

function touchesNode(written: JsonObject, { member, children }: FieldSet, isChild: boolean): boolean {
  if (member && isChild && isMember(written)) return true;
  for (const [step, child] of children) {
    const inner = written[step];
    if (isJsonObject(inner) && touchesNode(inner, child, true)) return true;
  }
  return false;
}

/** Whether every member of the set is in the wire form. */
export function covers(written: JsonObject, { children }: FieldSet): boolean {
  for (const [step, child] of children) {
    const inner = written[step];
    if (!isJsonObject(inner) || (child.member && !isMember(inner)) || !covers(inner, child)) return false;
  }
  return true;
}

function isMember(written: JsonObject): boolean {
  if ("." in written) return true;
  for (const _ in written) return false;
  return true;
}
