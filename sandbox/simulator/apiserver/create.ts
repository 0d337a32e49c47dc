import { toTime } from "../clock";
import { deepFreeze } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import { alreadyExists, badRequest, beingDeleted, invalid } from "../api/status";
import { validateMetadata } from "../registry/metadata";
import { modelFor } from "../schema/kind-model";
import { admit, admitFinished } from "./admission/chain";
import { draftOf } from "./body";
import { recordUpdate } from "./managed-fields";
import { strategyContext, type ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";

const MAX_GENERATED_NAME = 63;
const SUFFIX_LENGTH = 5;
const NAME_ATTEMPTS = 8;

/** The whole way of a create: defaults, admission, prepare, validate, admission's last word, store. Returns what now stands there. Without `record` the
 * draft says itself who manages what. */
export function createObject(server: ServerContext, target: Target, request: ApiRequest, record = true): Stored {
  const { info, strategy } = target;
  const dryRun = request.options.dryRun ?? false;
  const context = strategyContext(server, dryRun);
  const draft = draftOf(request.body, info);
  const isNameGiven = Boolean(draft.metadata?.name);
  placeInNamespace(draft, target);
  strategy.defaults?.(draft);
  if (record) recordUpdate(server.clock, target, draft, undefined, request);
  admit(server, "create", target, request, draft);

  prepareMetadata(draft, server);
  if (target.hasGeneration) (draft.metadata ??= {}).generation = 1;
  if (target.hasStatus) clearStatus(draft, info);
  strategy.prepareForCreate?.(draft, context);
  const errors = [
    ...validateMetadata(draft, info.namespaced, (name, prefix) => strategy.nameFaults?.(name, prefix)),
    ...(strategy.validate?.(draft, context) ?? []),
  ];
  if (errors.length > 0) throw invalid(info, draft.metadata?.name ?? "", errors);
  const commit = admitFinished(server, "create", target, request, draft);

  for (let attempt = 1; ; attempt++) {
    const name = draft.metadata?.name ?? "";
    const key = storageKey(target.namespace, name);
    const standing = server.storage.get(target.collection, key);
    if (!standing) {
      if (dryRun) return deepFreeze(draft) as Stored;
      const stored = server.storage.create(target.collection, key, draft);
      if (stored) {
        commit();
        return stored;
      }
    }
    const isGenerated = !isNameGiven && draft.metadata?.generateName !== undefined;
    if (!isGenerated || attempt === NAME_ATTEMPTS) {
      throw standing?.metadata.deletionTimestamp ? beingDeleted(info, name) : alreadyExists(info, name);
    }
    (draft.metadata ??= {}).name = generatedName(draft, server);
  }
}

/** A new object's status is what Go makes of nothing: `{}`, or the counters that are always written. */
function clearStatus(draft: KubeObject & { status?: unknown }, info: Target["info"]): void {
  const { status } = modelFor(info)?.decode({}, "Ignore").object ?? {};
  if (status === undefined) delete draft.status;
  else draft.status = status;
}

function placeInNamespace(draft: KubeObject, { info, namespace }: Target): void {
  const metadata = (draft.metadata ??= {});
  if (!info.namespaced) return;
  metadata.namespace ||= namespace;
  if (metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}

function prepareMetadata(draft: KubeObject, server: ServerContext): void {
  const metadata = (draft.metadata ??= {});
  metadata.uid = server.random.uuid();
  metadata.creationTimestamp = toTime(server.clock.now());
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
  if (!metadata.name && metadata.generateName) metadata.name = generatedName(draft, server);
}

function generatedName({ metadata }: KubeObject, { random }: ServerContext): string {
  const base = (metadata?.generateName ?? "").slice(0, MAX_GENERATED_NAME - SUFFIX_LENGTH);
  return base + random.suffix(SUFFIX_LENGTH);
}
