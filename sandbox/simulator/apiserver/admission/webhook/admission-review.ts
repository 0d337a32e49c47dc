import { applyPatch } from "rfc6902";
import { cloneJson, isJsonObject } from "../../../api/json";
import type { KubeObject } from "../../../api/object";
import type { StatusDetails } from "../../../api/generated/kubernetes";
import { internalError } from "../../../api/status";
import { parseJson } from "../../../schema/json-text";
import { modelFor } from "../../../schema/kind-model";
import { DecodeError } from "../../../schema/protobuf";
import type { ResourceInfo } from "../../../schema/resources";
import type { AdmissionAttributes } from "../admission";
import { kindIn } from "../policy/activation";
import { nameOf, type Form } from "../policy/matching";
import type { WebhookAnswer } from "./webhook-call";

const GROUP = "admission.k8s.io";
const SPOKEN = ["v1", "v1beta1"];

/** The webhook was not reached, or what it said is no answer: what the failure policy is for. */
export class CallError extends Error {
  override readonly name = "CallError";
}

export interface Verdict {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  readonly status: { code?: number; message?: string; reason?: string; details?: StatusDetails };
  /** A JSON patch, as text. */
  readonly patch: string | undefined;
}

/** https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/ */
export function reviewOf(
  { admissionReviewVersions }: { readonly admissionReviewVersions: readonly string[] },
  form: Form,
  attributes: AdmissionAttributes,
): { uid: string; body: string } {
  const { object, old, resource, subresource, namespace, user, operation, context, options } = attributes;
  const { info } = form;
  const uid = context.random.uuid();
  const shown = (each: KubeObject | undefined): unknown => (each ? form.convert(each) : null);
  const request = {
    uid,
    kind: kindIn(info, subresource),
    resource: { group: info.group, version: info.version, resource: info.name },
    ...(subresource !== "" && { subResource: subresource }),
    requestKind: kindIn(resource, subresource),
    requestResource: { group: resource.group, version: resource.version, resource: resource.name },
    ...(subresource !== "" && { requestSubResource: subresource }),
    ...(nameOf(attributes) !== "" && { name: nameOf(attributes) }),
    ...(namespace !== "" && { namespace }),
    operation: operation.toUpperCase(),
    userInfo: { username: user.username, uid: user.uid, groups: user.groups, extra: user.extra },
    object: operation === "delete" ? null : shown(object),
    oldObject: shown(old),
    dryRun: context.dryRun,
    options: options ?? null,
  };
  const version = versionFor(admissionReviewVersions);
  return { uid, body: JSON.stringify({ kind: "AdmissionReview", apiVersion: `${GROUP}/${version}`, request }) };
}

function versionFor(versions: readonly string[]): string {
  return versions.find((version) => SPOKEN.includes(version)) ?? "v1";
}

/** What a webhook decided. Throws `CallError` when it decided nothing. */
export function readVerdict(
  answer: WebhookAnswer,
  uid: string,
  configuration: "mutating" | "validating",
  { admissionReviewVersions }: { readonly admissionReviewVersions: readonly string[] },
): Verdict {
  if (answer.kind === "failed") throw new CallError(`failed to call webhook: ${answer.why}`);
  const review = parse(answer);
  const response = review["response"];
  const wrong = (what: string): CallError => new CallError(`received invalid webhook response: ${what}`);
  if (!isJsonObject(response)) throw wrong("webhook response was absent");
  const version = versionFor(admissionReviewVersions);
  if (version === "v1" && response["uid"] !== uid) {
    throw wrong(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response["uid"]) ?? "")}`);
  }
  const patch = text(response["patch"]) ?? "";
  const patchType = text(response["patchType"]);
  if (version === "v1") {
    const fault = patchFault(configuration, patch, patchType);
    if (fault !== undefined) throw wrong(fault);
  }
  const { warnings } = response;
  return {
    allowed: response["allowed"] === true,
    warnings: Array.isArray(warnings) ? warnings.flatMap((each) => text(each) ?? []) : [],
    status: statusIn(response["status"]),
    patch: configuration === "mutating" && patch !== "" ? decodePatch(patch) : undefined,
  };
}

function patchFault(configuration: string, patch: string, patchType: string | undefined): string | undefined {
  if (configuration === "validating") {
    if (patch !== "") return "validating webhook may not return response.patch";
    return patchType === undefined ? undefined : "validating webhook may not return response.patchType";
  }
  if (patch !== "" && patchType === undefined) return "webhook returned response.patch but not response.patchType";
  if (patch === "" && patchType !== undefined) return "webhook returned response.patchType but not response.patch";
  if (patchType === undefined || patchType === "JSONPatch") return undefined;
  return `webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`;
}

function parse({ status, body }: WebhookAnswer & { kind: "answered" }): Record<string, unknown> {
  if (status < 200 || status > 206) throw new CallError(`failed to call webhook: ${statusText(status, body)}`);
  try {
    const { value } = parseJson(body);
    if (isJsonObject(value) && value["kind"] === "AdmissionReview") return value;
    const kind = isJsonObject(value) ? text(value["kind"]) : undefined;
    if (kind === undefined) throw new DecodeError(`Object 'Kind' is missing in '${body}'`);
    throw new DecodeError(
      `no kind ${JSON.stringify(kind)} is registered for the internal version of group "admission.k8s.io"`,
    );
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const isJson = error.message.startsWith("Object 'Kind'") || error.message.startsWith("no kind");
    const why = isJson ? error.message : `couldn't get version/kind; json parse error: ${error.message}`;
    throw new CallError(`failed to call webhook: ${why}`, { cause: error });
  }
}

/** What a client makes of an answer that says nothing about itself. */
function statusText(status: number, body: string): string {
  const known = STATUS_TEXTS[status];
  if (known !== undefined) return known;
  if (status >= 500) {
    const said = body.trim() === "" ? "unknown" : body.trim();
    return `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`;
  }
  return `the server responded with the status code ${status} but did not return more information`;
}

const STATUS_TEXTS: Readonly<Record<number, string | undefined>> = {
  400: "the server rejected our request for an unknown reason",
  401: "the server has asked for the client to provide credentials",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  409: "the server reported a conflict",
  422: "the server rejected our request due to an error in our request",
  429: "the server has received too many requests and has asked us to try again later",
  503: "the server is currently unable to handle the request",
  504: "the server was unable to return a response in the time allotted, but may still be processing the request",
};

function statusIn(value: unknown): Verdict["status"] {
  if (!isJsonObject(value)) return {};
  const { code } = value;
  return {
    code: typeof code === "number" ? code : undefined,
    message: text(value["message"]),
    reason: text(value["reason"]),
  };
}

function decodePatch(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch (error) {
    throw new CallError("failed to call webhook: illegal base64 data at input byte 0", { cause: error });
  }
}

/** The object with a webhook's patch applied. Throws `CallError` for what is no patch, a 500 where it does not fit. */
export function patchedBy(patch: string, object: KubeObject, resource: ResourceInfo): KubeObject {
  const result: unknown = cloneJson(object);
  const operations = operationsIn(patch);
  const faults = applyPatch(result, operations);
  const failed = faults.findIndex((fault) => fault !== null);
  const operation = operations[failed];
  if (operation) {
    const what =
      operation.op === "test"
        ? `testing value ${operation.path} failed: test failed`
        : `${operation.op} operation does not apply: doc is missing path: ${JSON.stringify(operation.path)}: missing value`;
    throw internalError(new Error(what));
  }
  const model = modelFor(resource);
  if (!model) return isJsonObject(result) ? { ...result } : object;
  try {
    return { ...model.decode(result, "Ignore").object, apiVersion: object.apiVersion, kind: object.kind };
  } catch (error) {
    if (error instanceof DecodeError) throw internalError(error);
    throw error;
  }
}

type Operations = Parameters<typeof applyPatch>[1];
const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test"];

function operationsIn(patch: string): Operations {
  try {
    const { value } = parseJson(patch);
    const isPatch =
      Array.isArray(value) &&
      value.every(
        (each) => isJsonObject(each) && OPERATIONS.includes(String(each["op"])) && text(each["path"]) !== undefined,
      );
    // Checked just now: this is where a webhook's patch gets its type.
    if (isPatch) return value as Operations;
    throw new DecodeError("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new CallError(`received undecodable patch in webhook response: ${error.message}`, { cause: error });
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
