import type { ControllerRevision, PodTemplateSpec } from "../api/generated/kubernetes";
import { cloneJson, equalJson, isJsonObject } from "../api/json";
import type { KubeObject, Stored } from "../api/object";
import { controllerReference } from "../api/owner-references";
import { isAlreadyExists, isNotFound } from "../api/status";
import type { Client } from "../client/client";
import { CONTROLLER_REVISIONS } from "../client/resources";
import { templateHash } from "./deployment/template-hash";

/** The history of a StatefulSet or DaemonSet: one ControllerRevision for each template it had. */

/** The label by which pods tell the revision they were made from. */
export const POD_REVISION_LABEL = "controller-revision-hash";

interface Workload extends KubeObject {
  spec?: { template: PodTemplateSpec };
}

export interface RevisionRequest {
  readonly client: Client;
  readonly owner: Stored<Workload>;
  /** The owner's revisions. */
  readonly known: readonly Stored<ControllerRevision>[];
  /** Labels of a new revision: those by which the owner finds it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The label of a revision that holds its hash. */
  readonly hashLabel: string;
  readonly collisionCount: number;
}

export interface RevisionResult {
  readonly revision: Stored<ControllerRevision>;
  /** All of the owner's revisions, `revision` among them, oldest first. */
  readonly all: readonly Stored<ControllerRevision>[];
  readonly collisionCount: number;
}

/** The revision of the owner's template as it is now: found, brought to the top again after a rollback, or made. */
export async function currentRevision(request: RevisionRequest): Promise<RevisionResult> {
  const { client, owner, known } = request;
  const ordered = byRevision(known);
  const data = revisionData(owner.spec?.template);
  const last = ordered.at(-1);
  const found = ordered.findLast((each) => equalJson(each.data, data));
  const next = (last?.revision ?? 0) + 1;
  if (!found) {
    const made = await create(request, data, next);
    return { ...made, all: [...ordered, made.revision] };
  }
  if (found === last) return { revision: found, all: ordered, collisionCount: request.collisionCount };
  const raised = await client.update(CONTROLLER_REVISIONS, { ...cloneJson(found), revision: next });
  const others = ordered.filter((each) => each !== found);
  return { revision: raised, all: [...others, raised], collisionCount: request.collisionCount };
}

async function create(request: RevisionRequest, data: unknown, revision: number) {
  const { client, owner, labels, hashLabel } = request;
  const { name, namespace, annotations } = owner.metadata;
  for (let collisionCount = request.collisionCount; ; collisionCount++) {
    const hash = templateHash(owner.spec?.template ?? {}, collisionCount === 0 ? undefined : collisionCount);
    const revisionName = `${name.slice(0, 223)}-${hash}`;
    const wanted: ControllerRevision = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name: revisionName,
        namespace,
        labels: { ...labels, [hashLabel]: hash },
        ...(annotations && { annotations }),
        ownerReferences: [controllerReference(owner)],
      },
      data,
      revision,
    };
    try {
      return { revision: await client.create(CONTROLLER_REVISIONS, wanted), collisionCount };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(CONTROLLER_REVISIONS, { namespace: namespace ?? "", name: revisionName });
      // Made by a sync before this one, which the cache does not show yet.
      if (equalJson(existing.data, data)) return { revision: existing, collisionCount };
    }
  }
}

/** The patch that a revision stands for: the whole template, replacing the one there is. */
function revisionData(template: PodTemplateSpec | undefined): unknown {
  return cloneJson({ spec: { template: { ...template, $patch: "replace" } } });
}

/** The template a revision stands for. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const spec = isJsonObject(revision.data) ? revision.data["spec"] : undefined;
  const template = isJsonObject(spec) ? spec["template"] : undefined;
  if (!isJsonObject(template)) return undefined;
  const copy = cloneJson(template);
  delete copy["$patch"];
  return copy;
}

export function byRevision(revisions: readonly Stored<ControllerRevision>[]): Stored<ControllerRevision>[] {
  return [...revisions].sort(
    (a, b) =>
      a.revision - b.revision ||
      Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

/** Deletes the oldest revisions beyond `limit`, those that `isLive` names left out of the count. */
export async function truncateHistory(
  client: Client,
  revisions: readonly Stored<ControllerRevision>[],
  limit: number,
  isLive: (revision: Stored<ControllerRevision>) => boolean,
): Promise<void> {
  const idle = byRevision(revisions).filter((revision) => !isLive(revision));
  for (const { metadata } of idle.slice(0, Math.max(0, idle.length - limit))) {
    try {
      await client.delete(CONTROLLER_REVISIONS, { namespace: metadata.namespace ?? "", name: metadata.name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
