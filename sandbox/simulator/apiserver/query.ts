import type { PropagationPolicy, RequestOptions } from "../api/request";
import { badRequest, invalid } from "../api/status";
import { invalidValue, notSupported } from "../api/field-error";

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
        options.resourceVersionMatch = oneOf(name, value, ["Exact", "NotOlderThan"] as const);
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
  if (!/^[+-]?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}

/** As the API reads a boolean parameter: anything but `false` and `0` is true, the empty value too. */
function boolean(value: string): boolean {
  return value.toLowerCase() !== "false" && value !== "0";
}
