import { duplicateValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  AdmissionregistrationV1WebhookClientConfig,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../api/generated/kubernetes";
import {
  FAILURE_POLICIES,
  MATCH_POLICIES,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateRule,
} from "./admission-rules";
import { asSent } from "./as-sent";
import { validateLabelSelector } from "./field-rules";
import { dns1035Faults, subdomainFaults } from "./names";

type Webhook = ValidatingWebhook | MutatingWebhook;

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function validateWebhooks({
  webhooks = [],
}: ValidatingWebhookConfiguration | MutatingWebhookConfiguration): FieldError[] {
  const names = new Set<string>();
  return (webhooks as readonly Webhook[]).flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const errors = [
      ...validateWebhook(path, webhook),
      ...validateReviewVersions(`${path}.admissionReviewVersions`, webhook.admissionReviewVersions),
    ];
    if (webhook.name !== "" && names.has(webhook.name)) errors.push(duplicateValue(`${path}.name`, webhook.name));
    names.add(webhook.name);
    return errors;
  });
}

const SIDE_EFFECTS = ["None", "NoneOnDryRun"];

function validateWebhook(path: string, webhook: Webhook): FieldError[] {
  const { failurePolicy, matchPolicy, sideEffects, timeoutSeconds } = webhook;
  const errors = validateName(`${path}.name`, webhook.name);
  (webhook.rules ?? []).forEach((rule, index) => errors.push(...validateRule(`${path}.rules[${index}]`, rule)));
  const known = (name: string, value: string | undefined, supported: readonly string[]): void => {
    if (value !== undefined && !supported.includes(value))
      errors.push(notSupported(`${path}.${name}`, value, supported));
  };
  known("failurePolicy", failurePolicy, FAILURE_POLICIES);
  known("matchPolicy", matchPolicy, MATCH_POLICIES);
  if (asSent(sideEffects) === undefined || sideEffects === "")
    errors.push(requiredValue(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(", ")}`));
  else known("sideEffects", sideEffects, SIDE_EFFECTS);
  if (timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1))
    errors.push(
      invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, "the timeout value must be between 1 and 30 seconds"),
    );
  errors.push(...validateLabelSelector(`${path}.namespaceSelector`, webhook.namespaceSelector));
  errors.push(...validateLabelSelector(`${path}.objectSelector`, webhook.objectSelector));
  if ("reinvocationPolicy" in webhook) known("reinvocationPolicy", webhook.reinvocationPolicy, REINVOCATION_POLICIES);
  errors.push(...validateClient(`${path}.clientConfig`, asSent(webhook.clientConfig) ?? {}));
  return [...errors, ...validateMatchConditions(`${path}.matchConditions`, webhook.matchConditions, false)];
}

function validateName(path: string, name: string): FieldError[] {
  if (!name) return [requiredValue(path)];
  const faults = subdomainFaults(name);
  if (faults.length > 0) return [invalidValue(path, name, faults.join(","))];
  if (name.split(".").length >= 3) return [];
  return [invalidValue(path, name, "should be a domain with at least three segments separated by dots")];
}

const REVIEW_VERSIONS = ["v1", "v1beta1"];

function validateReviewVersions(path: string, sent: readonly string[]): FieldError[] {
  const versions = asSent(sent) ?? [];
  if (versions.length === 0) return [requiredValue(path, `must specify one of ${REVIEW_VERSIONS.join(", ")}`)];
  const errors = versions.flatMap((version, index) => {
    const at = `${path}[${index}]`;
    if (versions.indexOf(version) < index) return [invalidValue(at, version, "duplicate version")];
    return dns1035Faults(version).map((fault) => invalidValue(at, version, fault));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version)))
    errors.push(invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`));
  return errors;
}

function validateClient(path: string, { url, service }: AdmissionregistrationV1WebhookClientConfig): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [requiredValue(path, "exactly one of url or service is required")];
  if (url !== undefined) return validateUrl(`${path}.url`, url);
  if (!service) return [];
  const at = `${path}.service`;
  const { name, namespace, port = 443, path: way } = service;
  return [
    ...(name ? [] : [requiredValue(`${at}.name`, "service name is required")]),
    ...(namespace ? [] : [requiredValue(`${at}.namespace`, "service namespace is required")]),
    ...(port >= 1 && port <= 65535
      ? []
      : [invalidValue(`${at}.port`, port, "port is not valid: must be between 1 and 65535, inclusive")]),
    ...validatePath(`${at}.path`, way ?? ""),
  ];
}

const FORM = "; desired format: https://host[/path]";

function validateUrl(path: string, url: string): FieldError[] {
  const [, scheme = "", authority = "", query, fragment] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? [];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const errors: FieldError[] = [];
  if (scheme !== "https") errors.push(invalidValue(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (host === "") errors.push(invalidValue(path, host, `host must be provided${FORM}`));
  if (at >= 0) errors.push(invalidValue(path, authority.slice(0, at), "user information is not permitted in the URL"));
  if (fragment) errors.push(invalidValue(path, fragment, "fragments are not permitted in the URL"));
  if (query) errors.push(invalidValue(path, query, "query parameters are not permitted in the URL"));
  return errors;
}

function validatePath(path: string, way: string): FieldError[] {
  if (way === "" || way === "/") return [];
  if (way === "//") return [invalidValue(path, way, "segment[0] may not be empty")];
  const errors = way.startsWith("/") ? [] : [invalidValue(path, way, "must start with a '/'")];
  const steps = way.slice(1).replace(/\/$/, "").split("/");
  return [
    ...errors,
    ...steps.flatMap((step, index) => {
      const faults = step === "" ? ["may not be empty"] : subdomainFaults(step);
      const colon = step === "" ? " " : ": ";
      return faults.map((fault) => invalidValue(path, way, `segment[${index}]${colon}${fault}`));
    }),
  ];
}
