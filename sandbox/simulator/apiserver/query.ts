import type { PropagationPolicy, RequestOptions } from "../api/request";
import { badRequest, invalid } from "../api/status";
import { forbiddenValue, invalidValue, notSupported, type FieldError } from "../api/field-error";

/** Options out of a query string. Throws the server's 400 for values that are none. */
export function optionsFromQuery(query: URLSearchParams): RequestOptions {
  const options: RequestOptions = {};
  for (const [name, value] of query) {
    switch (name) {
      case "resourceVersion":
      case "labelSelector":
      case "fieldSelector":
      case "continue":
      case "fieldManager":
        if (value !== "") options[name] = value;
        break;
      case "resourceVersionMatch":
        if (value !== "") options.resourceVersionMatch = value;
        break;
      case "limit":
      case "timeoutSeconds":
      case "gracePeriodSeconds":
        options[name] = integer(value);
        break;
      case "allowWatchBookmarks":
      case "sendInitialEvents":
      case "force":
        options[name] = boolean(value);
        break;
      case "dryRun":
        options.dryRun = parseDryRun(value);
        break;
      case "fieldValidation":
        options.fieldValidation = parseFieldValidation(value);
        break;
      case "propagationPolicy":
        options.propagationPolicy = parsePropagation(value);
        break;
      case "orphanDependents":
        options.propagationPolicy ??= boolean(value) ? "Orphan" : "Background";
        break;
      default:
    }
  }
  return options;
}

/**
 * What goes together in a list or a watch and what does not. Throws the server's 422.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
 */
export function validateListOptions(options: RequestOptions, isWatch: boolean): void {
  const errors = isWatch ? watchFaults(options) : listFaults(options);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
}

function listFaults(options: RequestOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match, continue: token, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (match !== undefined) {
    const refuse = (why: string): unknown => errors.push(forbiddenValue("resourceVersionMatch", why));
    if (!resourceVersion) refuse("resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (token) refuse(WITH_CONTINUE);
    if (match !== "Exact" && match !== "NotOlderThan")
      errors.push(notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && resourceVersion === "0")
      refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (sendInitialEvents !== undefined)
    errors.push(forbiddenValue("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return errors;
}

function watchFaults(options: RequestOptions): FieldError[] {
  const { resourceVersionMatch: match, continue: token, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  const refuse = (why: string): unknown => errors.push(forbiddenValue("resourceVersionMatch", why));
  if (sendInitialEvents !== undefined && match !== "NotOlderThan")
    refuse("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match !== undefined) {
    if (sendInitialEvents === undefined)
      refuse("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    if (match !== "NotOlderThan") errors.push(notSupported("resourceVersionMatch", match, ["NotOlderThan"]));
    if (token) refuse(WITH_CONTINUE);
  }
  return errors;
}

const WITH_CONTINUE = "resourceVersionMatch is forbidden when continue is provided";

/** DeleteOptions in a body win over the query. `body` has been decoded as its kind. */
export function withDeleteOptions(options: RequestOptions, body: Readonly<Record<string, unknown>>): RequestOptions {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = body;
  const result = { ...options };
  if (typeof gracePeriodSeconds === "number") result.gracePeriodSeconds = gracePeriodSeconds;
  if (typeof orphanDependents === "boolean") result.propagationPolicy = orphanDependents ? "Orphan" : "Background";
  if (typeof propagationPolicy === "string") result.propagationPolicy = parsePropagation(propagationPolicy);
  if (typeof preconditions === "object" && preconditions !== null) result.preconditions = preconditions;
  if (Array.isArray(dryRun) && dryRun.length > 0) result.dryRun = parseDryRun(String(dryRun[0]));
  return result;
}

function parseDryRun(value: string): boolean {
  if (value === "") return false;
  if (value !== "All") throw invalidOption("dryRun", value, ["All"]);
  return true;
}

function parseFieldValidation(value: string): RequestOptions["fieldValidation"] {
  if (value === "") return undefined;
  return oneOf("fieldValidation", value, ["Ignore", "Warn", "Strict"] as const);
}

function parsePropagation(value: string): PropagationPolicy {
  const policies = ["Foreground", "Background", "Orphan"] as const;
  const found = policies.find((policy) => policy === value);
  if (found) return found;
  const supported = [...policies, "nil"];
  throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [
    invalidValue(
      "propagationPolicy",
      value,
      `supported values: ${supported.map((each) => JSON.stringify(each)).join(", ")}`,
    ),
  ]);
}

function oneOf<T extends string>(name: string, value: string, supported: readonly T[]): T | undefined {
  if (value === "") return undefined;
  const found = supported.find((each) => each === value);
  if (!found) throw invalidOption(name, value, supported);
  return found;
}

function invalidOption(name: string, value: string, supported: readonly string[]): Error {
  return invalid({ group: "meta.k8s.io", kind: "CreateOptions" }, "", [notSupported(name, value, supported)]);
}

function integer(value: string): number | undefined {
  if (value === "") return undefined;
  const why = (reason: string): Error => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: ${reason}`);
  if (!/^[+-]?\d+$/.test(value)) throw why("invalid syntax");
  if (BigInt(value.replace("+", "")) !== BigInt.asIntN(64, BigInt(value.replace("+", ""))))
    throw why("value out of range");
  return Number(value);
}

/** As the API reads a boolean parameter: anything but `false` and `0` is true, the empty value too. */
function boolean(value: string): boolean {
  return value.toLowerCase() !== "false" && value !== "0";
}
