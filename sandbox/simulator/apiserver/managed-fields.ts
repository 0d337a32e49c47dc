import { toTime, type Clock } from "../clock";
import { compareFields } from "../api/fields/compare";
import {
  covers,
  difference,
  fromFieldsV1,
  isEmptySet,
  node,
  NOTHING,
  toFieldsV1,
  touches,
  union,
  type FieldSet,
} from "../api/fields/field-set";
import { deepFreeze, isJsonObject, type JsonObject } from "../api/json";
import type { ManagedFieldsEntry } from "../api/generated/kubernetes";
import { apiVersionOf, type KubeObject } from "../api/object";
import type { ApiRequest } from "../api/request";
import { modelFor, type KindModel } from "../schema/kind-model";
import type { Target } from "./target";

/** Who holds which fields. `time` is when that last changed. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly fields: FieldSet;
  /** The fields as storage has them, shared by all versions of the object until they change. */
  readonly written?: JsonObject;
}

const SYSTEM_METADATA = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "generation",
  "managedFields",
  "resourceVersion",
];

/** More managers by updates than this are merged, the oldest first. */
const MAX_UPDATERS = 10;

/**
 * Notes in `draft` who has just set what: the fields that differ from `old` become the manager's, and only its.
 * An object whose managers were wiped out stays without until it is next applied.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function recordUpdate(
  clock: Clock,
  target: Target,
  draft: KubeObject,
  old: KubeObject | undefined,
  request: ApiRequest,
): void {
  const metadata = (draft.metadata ??= {});
  const live = old?.metadata?.managedFields;
  const managers = request.subresource ? readManagers(live) : startingPoint(metadata.managedFields, live);
  delete metadata.managedFields;
  if (!modelFor(target.info) || (old && managers.length === 0)) return;
  const entries = writeManagers(capped(managersAfter(managers, target, draft, old, manager(request, target, clock))));
  if (entries.length > 0) metadata.managedFields = entries;
}

/** The managers once `own` has made `draft` of `old`. Its time moves only when it has set something. */
export function managersAfter(
  managers: readonly Manager[],
  target: Target,
  draft: KubeObject,
  old: KubeObject | undefined,
  own: Manager,
): Manager[] {
  const model = modelFor(target.info);
  if (!model) return [...managers];
  const before = old ? (target.strategy.asStored?.(old) ?? old) : emptyOf(model);
  const { changed, removed } = compareFields(before, draft, model.shape);
  const gained = ownable(changed, target, own.subresource === "status" || own.subresource === "approval");
  if (isEmptySet(gained)) return managers.map((each) => without(each, removed));
  const others = managers.filter((each) => !isSame(each, own));
  const mine = managers.find((each) => isSame(each, own));
  return [...others.map((each) => without(without(each, gained), removed)), withMore(own, mine, gained, removed)];
}

/** The manager without what another has taken from it. */
export function without(held: Manager, taken: FieldSet): Manager {
  if (isEmptySet(taken) || (held.written && !touches(held.written, taken))) return held;
  return withFields(held, difference(held.fields, taken));
}

function withMore(own: Manager, mine: Manager | undefined, gained: FieldSet, removed: FieldSet): Manager {
  if (!mine) return withFields(own, gained);
  if (mine.written && !touches(mine.written, removed) && covers(mine.written, gained))
    return new StoredManager(own, mine.written);
  return withFields(own, union(difference(mine.fields, removed), gained));
}

function withFields({ manager: name, operation, apiVersion, subresource, time }: Manager, fields: FieldSet): Manager {
  return { manager: name, operation, apiVersion, subresource, time, fields };
}

function emptyOf(model: KindModel): object {
  let empty = empties.get(model);
  if (!empty) empties.set(model, (empty = deepFreeze(model.decode({}, "Ignore").object)));
  return empty;
}

// What a kind's object is before anything is set: as constant as the model.
const empties = new WeakMap<KindModel, object>();

/** Of one version, the oldest updaters become one entry. */
function capped(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter((each) => each.operation === "Update" && !holdsNothing(each));
  let surplus = updaters.length - MAX_UPDATERS;
  if (surplus <= 0) return managers;
  const order = ({ time, manager: name, apiVersion, subresource }: Manager): string =>
    [time, name, apiVersion, subresource].join("\u0000");
  const oldest = updaters.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const first = new Map<string, Manager>();
  const merged = new Map<string, Manager>();
  const gone = new Set<Manager>();
  for (const each of oldest) {
    if (surplus === 0) break;
    const bucket = merged.get(each.apiVersion) ?? first.get(each.apiVersion);
    if (!bucket) {
      first.set(each.apiVersion, each);
      continue;
    }
    const ancient = { ...each, manager: "ancient-changes", subresource: "" };
    merged.set(each.apiVersion, withFields(ancient, union(bucket.fields, each.fields)));
    gone.add(each).add(bucket);
    surplus--;
  }
  return [...managers.filter((each) => !gone.has(each)), ...merged.values()];
}

/** The entry that a request writes to. */
export function manager(request: ApiRequest, { info }: Target, clock: Clock): Manager {
  return {
    manager: request.options.fieldManager || request.user.username,
    operation: request.patchType === "apply" ? "Apply" : "Update",
    apiVersion: apiVersionOf(info),
    subresource: request.subresource ?? "",
    time: toTime(clock.now()),
    fields: NOTHING,
  };
}

export function isSame(a: Manager, b: Manager): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.subresource === b.subresource
  );
}

/** The list a client sends replaces the old one; no list keeps it, and an empty one or one of an empty entry clears it. */
function startingPoint(
  sent: readonly ManagedFieldsEntry[] | undefined,
  old: readonly ManagedFieldsEntry[] | undefined,
): Manager[] {
  if (sent && sent.length === 0) return [];
  if (sent?.length === 1 && sent[0] && Object.keys(sent[0]).length === 0) return [];
  return readManagers(sent ?? old);
}

export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? []).map(
    ({ manager: name = "", operation, apiVersion = "", subresource = "", time = "", fieldsV1 }) => {
      const isApply = operation === "Apply";
      const head = { manager: name, operation: isApply ? "Apply" : "Update", apiVersion, subresource, time } as const;
      // What is frozen comes from storage, where it is well formed.
      if (isJsonObject(fieldsV1) && Object.isFrozen(fieldsV1)) return new StoredManager(head, fieldsV1);
      return { ...head, fields: fromFieldsV1(fieldsV1) };
    },
  );
}

/** Reads its fields only when somebody asks: most updates touch few of them. */
class StoredManager implements Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly written: JsonObject;
  #fields: FieldSet | undefined;

  constructor(head: Omit<Manager, "fields" | "written">, written: JsonObject) {
    this.manager = head.manager;
    this.operation = head.operation;
    this.apiVersion = head.apiVersion;
    this.subresource = head.subresource;
    this.time = head.time;
    this.written = written;
  }

  get fields(): FieldSet {
    return (this.#fields ??= fromFieldsV1(this.written));
  }
}

/** Appliers first, then by time, then by name, as the server lists them. Who holds nothing is left out. */
export function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const order = ({ operation, time, manager: name, apiVersion, subresource }: Manager): string =>
    [operation, time, name, apiVersion, subresource].join("\u0000");
  return managers
    .filter((each) => !holdsNothing(each))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((each) => ({
      manager: each.manager,
      operation: each.operation,
      apiVersion: each.apiVersion,
      ...(each.time !== "" && { time: each.time }),
      fieldsType: "FieldsV1",
      fieldsV1: each.written ?? toFieldsV1(each.fields),
      ...(each.subresource !== "" && { subresource: each.subresource }),
    }));
}

function holdsNothing(each: Manager): boolean {
  return each.written ? Object.keys(each.written).length === 0 : isEmptySet(each.fields);
}

/** Leaves out what nobody owns: the server's own fields, and those that the endpoint takes no notice of. */
export function ownable({ children }: FieldSet, { hasStatus }: Target, isStatus: boolean): FieldSet {
  const kept = new Map(children);
  kept.delete("f:apiVersion");
  kept.delete("f:kind");
  if (isStatus) kept.delete("f:spec");
  else if (hasStatus) kept.delete("f:status");
  const metadata = new Map(kept.get("f:metadata")?.children);
  for (const name of SYSTEM_METADATA) metadata.delete(`f:${name}`);
  kept.set("f:metadata", node(false, metadata));
  return node(false, kept);
}
