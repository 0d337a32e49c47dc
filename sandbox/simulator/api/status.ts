import type { Status, StatusCause, StatusDetails } from "./generated/kubernetes";
import type { FieldError } from "./field-error";

/**
 * The API server's errors. `status` is what goes over the wire; `message` is the text kubectl prints.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: Status & { code: number };

  constructor(status: Status) {
    super(status.message ?? "");
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      ...status,
      code: status.code ?? 500,
    };
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? "";
  }
}

/** `pods`, `deployments.apps`: how messages name a collection. */
export interface GroupResource {
  readonly group: string;
  readonly name: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export function qualified(group: string, name: string): string {
  return group === "" ? name : `${name}.${group}`;
}

export function notFound(resource: GroupResource, name: string): StatusError {
  const message = `${qualified(resource.group, resource.name)} "${name}" not found`;
  return failure(404, "NotFound", message, detailsOf(resource, name));
}

export function alreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${qualified(resource.group, resource.name)} "${name}" already exists`;
  return failure(409, "AlreadyExists", message, detailsOf(resource, name));
}

/** The answer to creating what still waits for its finalizers or its grace period. */
export function beingDeleted(resource: GroupResource, name: string): StatusError {
  const message = `object is being deleted: ${qualified(resource.group, resource.name)} "${name}" already exists`;
  return failure(409, "AlreadyExists", message, detailsOf(resource, name));
}

export function conflict(resource: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource.group, resource.name)} "${name}": ${why}`;
  return failure(409, "Conflict", message, detailsOf(resource, name));
}

export const STALE_OBJECT =
  "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(resource: GroupResource, name: string, why: string, causes?: StatusCause[]): StatusError {
  const subject = qualified(resource.group, resource.name);
  const message = name === "" ? `${subject} is forbidden: ${why}` : `${subject} "${name}" is forbidden: ${why}`;
  return failure(403, "Forbidden", message, { ...detailsOf(resource, name), ...(causes && { causes }) });
}

/** Refused by validation; each field error becomes a cause, which is what kubectl lists. */
export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const texts = [...new Set(errors.map((error) => error.text))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const causes = errors.map((error) => ({ reason: error.reason, message: error.detail, field: error.field }));
  const details = {
    ...(name !== "" && { name }),
    ...(kind.group !== "" && { group: kind.group }),
    kind: kind.kind,
    causes,
  };
  return failure(422, "Invalid", `${qualified(kind.group, kind.kind)} "${name}" is invalid: ${list}`, details);
}

/** 422 without a kind: what a patch that cannot be applied gives ("The request is invalid: …"). */
export function invalidPatch(message: string, causes?: StatusCause[]): StatusError {
  return failure(422, "Invalid", message, causes && { causes });
}

export function badRequest(message: string): StatusError {
  return failure(400, "BadRequest", message);
}

export function unauthorized(): StatusError {
  return failure(401, "Unauthorized", "Unauthorized");
}

export function methodNotSupported(resource: GroupResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind "${qualified(resource.group, resource.name)}"`;
  return failure(405, "MethodNotAllowed", message, detailsOf(resource));
}

/** The page for a path or a resource that is not served. */
export function unknownResource(): StatusError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function internalError(cause: unknown): StatusError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return failure(500, "InternalError", `Internal error occurred: ${text}`, { causes: [{ message: text }] });
}

export function unsupportedMediaType(message: string): StatusError {
  return failure(415, "UnsupportedMediaType", message);
}

export function notAcceptable(message: string): StatusError {
  return failure(406, "NotAcceptable", message);
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): StatusError {
  return new StatusError({ message, ...(reason !== "" && { reason }), ...(details && { details }), code });
}

export function isNotFound(error: unknown): error is StatusError {
  return hasReason(error, "NotFound");
}

export function isAlreadyExists(error: unknown): error is StatusError {
  return hasReason(error, "AlreadyExists");
}

export function isConflict(error: unknown): error is StatusError {
  return hasReason(error, "Conflict");
}

export function isInvalid(error: unknown): error is StatusError {
  return hasReason(error, "Invalid");
}

/** Too old: list again. Both reasons exist: a list token expires, a watch is gone. */
export function isGone(error: unknown): error is StatusError {
  return hasReason(error, "Expired") || hasReason(error, "Gone");
}

function isForbidden(error: unknown): error is StatusError {
  return hasReason(error, "Forbidden");
}

export function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.status.reason === reason;
}

/** True for a refusal caused by a namespace that is going away: controllers give up quietly then. */
export function isNamespaceTerminating(error: unknown): error is StatusError {
  return (
    isForbidden(error) && (error.status.details?.causes ?? []).some((cause) => cause.reason === "NamespaceTerminating")
  );
}

function detailsOf(resource: GroupResource, name = ""): StatusDetails {
  return { ...(name !== "" && { name }), ...(resource.group !== "" && { group: resource.group }), kind: resource.name };
}
