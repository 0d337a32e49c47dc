import { toTime } from "../clock";
import { cloneJson } from "../api/json";
import type { Binding, Namespace, Pod, Scale } from "../api/generated/kubernetes";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest, ApiResult } from "../api/request";
import { badRequest, conflict, methodNotSupported, notFound, unknownResource, invalid } from "../api/status";
import { nonNegative } from "../registry/field-rules";
import { draftOf } from "./body";
import { finishDeletion, mayLeave } from "./delete";
import { evictPod } from "./eviction";
import { applyObject } from "./apply";
import { applyPatchTo, patchObject } from "./patch";
import { getObject } from "./read";
import type { ServerContext } from "./server-context";
import { storageKey, type Target } from "./target";
import { updateObject, writeUpdate } from "./update";

/** Everything behind a name's slash that is an object, not a stream. */
export function handleSubresource(server: ServerContext, target: Target, request: ApiRequest): ApiResult {
  const { info } = target;
  const known = info.subresources.find((each) => each.name === request.subresource);
  // Of a custom resource the server says that the object is not there, whatever else is.
  if (!known) throw info.model ? notFound(info, target.name) : unknownResource();
  if (!known.verbs.includes(request.verb)) throw methodNotSupported(info, request.verb);
  switch (request.subresource) {
    case "status":
    case "approval":
      return done(wholeObject(server, target, request));
    case "scale":
      return done(scale(server, target, request));
    case "binding":
      return created(bind(server, target, request));
    case "eviction":
      return created(evictPod(server, target, request));
    case "finalize":
      return done(finalize(server, target, request));
    case "ephemeralcontainers":
    case "resize":
      return done(wholeObject(server, target, request));
    default:
      throw unknownResource();
  }
}

function done(object: ApiResult["object"]): ApiResult {
  return { object, code: 200, warnings: [] };
}

function created(object: ApiResult["object"]): ApiResult {
  return { object, code: 201, warnings: [] };
}

function wholeObject(server: ServerContext, target: Target, request: ApiRequest): Stored {
  switch (request.verb) {
    case "update":
      return updateObject(server, target, request);
    case "patch":
      return (request.patchType === "apply" ? applyObject : patchObject)(server, target, request).object;
    default:
      return getObject(server, target);
  }
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/scale/ */
function scale(server: ServerContext, target: Target, request: ApiRequest): KubeObject {
  const mapping = target.strategy.scale;
  if (!mapping) throw unknownResource();
  const object = getObject(server, target);
  const current = scaleOf(object, target);
  if (request.verb === "get") return current;

  const scaleInfo = { ...target.info, group: "autoscaling", version: "v1", kind: "Scale", model: undefined };
  const wanted: Scale =
    request.verb === "patch" ? applyPatchTo(current, request, scaleInfo).draft : draftOf(request.body, scaleInfo);
  if (wanted.metadata?.name && wanted.metadata.name !== target.name) {
    throw badRequest(
      `the name of the object (${wanted.metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  const replicas = wanted.spec?.replicas ?? 0;
  const errors = nonNegative("spec.replicas", replicas);
  if (errors.length > 0) throw invalid(scaleInfo, target.name, errors);
  const { resourceVersion } = wanted.metadata ?? {};
  const draft = cloneJson(object);
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion;
  mapping.setReplicas(draft, replicas);
  return scaleOf(writeUpdate(server, target, request, draft, object), target);
}

function scaleOf(object: Stored, { strategy }: Target): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = strategy.scale?.selector(object);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: strategy.scale?.replicas(object) ?? 0 },
    status: { replicas: strategy.scale?.statusReplicas(object) ?? 0, ...(selector && { selector }) },
  };
}

/** Puts a pod on a node, once. */
function bind(server: ServerContext, target: Target, request: ApiRequest): KubeObject {
  const binding = draftOf(request.body, { group: "", version: "v1", kind: "Binding" }) as Binding;
  const pod = getObject(server, target) as Stored<Pod>;
  const { metadata } = binding;
  if (metadata?.uid && metadata.uid !== pod.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`;
    throw conflict(target.info, target.name, why);
  }
  if (pod.metadata.deletionTimestamp)
    throw conflict(
      { group: "", name: "pods/binding" },
      target.name,
      `pod ${target.name} is being deleted, cannot be assigned to a host`,
    );
  if (pod.spec?.nodeName) {
    const why = `pod ${target.name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`;
    throw conflict({ group: "", name: "pods/binding" }, target.name, why);
  }
  const draft = cloneJson(pod);
  if (draft.spec) draft.spec.nodeName = binding.target.name;
  Object.assign((draft.metadata.annotations ??= {}), metadata?.annotations ?? {});
  if (Object.keys(draft.metadata.annotations).length === 0) delete draft.metadata.annotations;
  const others = (draft.status?.conditions ?? []).filter((condition) => condition.type !== "PodScheduled");
  const condition = {
    type: "PodScheduled",
    status: "True",
    lastTransitionTime: toTime(server.clock.now()),
    ...(draft.metadata.generation !== undefined && { observedGeneration: draft.metadata.generation }),
  };
  draft.status = { ...draft.status, conditions: [...others, condition] };
  const stored = server.storage.update(target.collection, storageKey(target.namespace, target.name), pod, draft);
  if (!stored) throw conflict(target.info, target.name, "the object has been modified");
  return { kind: "Status", apiVersion: "v1", metadata: {}, ...{ status: "Success", code: 201 } };
}

/** The namespace controller says that one of `spec.finalizers` is done; the last one lets the namespace go. */
function finalize(server: ServerContext, target: Target, request: ApiRequest): Stored {
  const old = getObject(server, target) as Stored<Namespace>;
  const wanted = draftOf(request.body, target.info) as Namespace;
  const { resourceVersion } = wanted.metadata ?? {};
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(
      target.info,
      target.name,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
  }
  const draft = cloneJson(old);
  const finalizers = wanted.spec?.finalizers ?? [];
  draft.spec = finalizers.length > 0 ? { ...draft.spec, finalizers: [...finalizers] } : {};
  if (old.metadata.deletionTimestamp && mayLeave(draft, target)) return finishDeletion(server, target, old, draft);
  const stored = server.storage.update(target.collection, target.name, old, draft);
  if (!stored) throw conflict(target.info, target.name, "the object has been modified");
  return stored;
}
