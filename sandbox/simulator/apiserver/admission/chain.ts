import type { KubeObject, Stored } from "../../api/object";
import type { ApiRequest } from "../../api/request";
import { strategyContext, type ServerContext } from "../server-context";
import type { Target } from "../target";
import type { AdmissionAttributes } from "./admission";

/** Lets every plugin edit the object, in order; the first refusal wins. */
export function admit(
  server: ServerContext,
  operation: AdmissionAttributes["operation"],
  target: Target,
  request: ApiRequest,
  object?: KubeObject,
  old?: Stored,
): void {
  const attributes = attributesOf(server, operation, target, request, object, old);
  for (const plugin of server.admission) plugin.admit?.(attributes);
}

/** Asks every plugin about the finished, valid object. Call what it returns once the write stands. */
export function admitFinished(
  server: ServerContext,
  operation: AdmissionAttributes["operation"],
  target: Target,
  request: ApiRequest,
  object?: KubeObject,
  old?: Stored,
): () => void {
  const attributes = attributesOf(server, operation, target, request, object, old);
  const commits = server.admission.flatMap((plugin) => plugin.validate?.(attributes) ?? []);
  return () => {
    for (const commit of commits) commit();
  };
}

function attributesOf(
  server: ServerContext,
  operation: AdmissionAttributes["operation"],
  target: Target,
  request: ApiRequest,
  object?: KubeObject,
  old?: Stored,
): AdmissionAttributes {
  return {
    operation,
    resource: target.info,
    subresource: request.subresource ?? "",
    namespace: target.namespace,
    name: target.name,
    user: request.user,
    object,
    old,
    context: strategyContext(server, request.options.dryRun),
    options: optionsOf(operation, request),
    warn: (text) => server.warn?.(text),
    reach: (call) => server.reach?.(call) ?? { kind: "failed", why: "there is no network" },
  };
}

const OPTIONS = { create: "CreateOptions", update: "UpdateOptions", delete: "DeleteOptions", connect: "" };

function optionsOf(operation: AdmissionAttributes["operation"], { verb, options }: ApiRequest): object | undefined {
  const kind = verb === "patch" ? "PatchOptions" : OPTIONS[operation];
  if (kind === "") return undefined;
  const { fieldManager, fieldValidation, force, gracePeriodSeconds, propagationPolicy, preconditions, dryRun } =
    options;
  const sent = { fieldManager, fieldValidation, force, gracePeriodSeconds, propagationPolicy, preconditions };
  return { kind, apiVersion: "meta.k8s.io/v1", ...sent, ...(dryRun && { dryRun: ["All"] }) };
}
