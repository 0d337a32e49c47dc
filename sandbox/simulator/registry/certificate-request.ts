import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "../api/generated/kubernetes";
import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  type FieldError,
} from "../api/field-error";
import { equalJson } from "../api/json";
import { parseRequest } from "../certificates/request";
import { asSent } from "./as-sent";
import { ageCell, nameCell } from "./cells";
import { humanDuration } from "./duration";
import { labelNameFaults, subdomainFaults } from "./names";
import { columns, type Strategy } from "./strategy";

/** https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/ */
export const certificateRequestStrategy: Strategy<CertificateSigningRequest> = {
  nameFaults: () => [],
  // A request cannot be changed, only decided on.
  prepareForUpdate(request, old) {
    request.spec = structuredClone(old.spec);
  },
  validate: validateRequest,
  validateUpdate: (request, old) => [...validateRequest(request), ...validateDecision(request, old, "")],
  validateStatusUpdate: (request, old) => [...validateRequest(request), ...validateDecision(request, old, "status")],
  validateApproval: (request, old) => [...validateRequest(request), ...validateDecision(request, old, "approval")],
  fields: ({ spec }) => ({ "spec.signerName": asSent(spec)?.signerName ?? "" }),
  printer: {
    columns: columns("Name", "Age", "SignerName", "Requestor", "RequestedDuration", "Condition"),
    row: (request, now) => [
      nameCell(request),
      ageCell(request, now),
      request.spec.signerName || "<none>",
      request.spec.username ?? "",
      request.spec.expirationSeconds === undefined ? "<none>" : humanDuration(request.spec.expirationSeconds * 1000),
      conditionCell(request),
    ],
  },
};

function conditionCell({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => status?.conditions?.some((each) => each.type === type) ?? false;
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return [decision, ...(has("Failed") ? ["Failed"] : []), ...(status?.certificate ? ["Issued"] : [])].join(",");
}

export const KNOWN_USAGES = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];

function validateRequest({ spec, status }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const { request, usages = [], signerName, expirationSeconds } = spec;
  try {
    parseRequest(request);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    errors.push(invalidValue("spec.request", request, error.message));
  }
  if (usages.length === 0) errors.push(requiredValue("spec.usages"));
  usages.forEach((usage, index) => {
    if (!KNOWN_USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, KNOWN_USAGES));
  });
  usages.forEach((usage, index) => {
    if (usages.indexOf(usage) < index) errors.push(duplicateValue(`spec.usages[${index}]`, usage));
  });
  if (signerName === "kubernetes.io/legacy-unknown")
    errors.push(
      invalidValue("spec.signerName", signerName, "the legacy signerName is not allowed via this API version"),
    );
  else errors.push(...signerNameErrors("spec.signerName", signerName));
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    const why = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(invalidValue("spec.expirationSeconds", expirationSeconds, why));
  }
  return [...errors, ...validateConditions(status?.conditions ?? [])];
}

/** `example.com/signer`: a domain of at least two labels, and a path. */
function signerNameErrors(path: string, name: string): FieldError[] {
  if (!name) return [requiredValue(path)];
  const segments = name.split("/");
  const [domain = "", signer = ""] = segments;
  if (segments.length !== 2)
    return [
      invalidValue(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    ];
  const why = (label: string, fault: string): string => `validating label ${JSON.stringify(label)}: ${fault}`;
  const labels = domain.split(".");
  const badLabel = labels.find((label) => labelNameFaults(label).length > 0);
  const errors =
    badLabel === undefined
      ? []
      : labelNameFaults(badLabel).map((fault) => invalidValue(path, domain, why(badLabel, fault)));
  if (labels.length < 2)
    errors.push(invalidValue(path, domain, "should be a domain with at least two segments separated by dots"));
  const badPart = signer.split(".").find((part) => subdomainFaults(part).length > 0);
  if (badPart !== undefined)
    errors.push(...subdomainFaults(badPart).map((fault) => invalidValue(path, signer, why(badPart, fault))));
  return errors;
}

const ONLY_TRUE = ["Approved", "Denied", "Failed"];

function validateConditions(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  const path = "status.conditions";
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  conditions.forEach(({ type, status }, index) => {
    if (!type) errors.push(requiredValue(`${path}[${index}].type`));
    const allowed = ONLY_TRUE.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (!status) errors.push(requiredValue(`${path}[${index}].status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${path}[${index}].status`, status, allowed));
    const opposite = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : undefined;
    if (opposite !== undefined && seen.has(opposite))
      errors.push(invalidValue(path, type, "Approved and Denied conditions are mutually exclusive"));
    if (seen.has(type)) errors.push(duplicateValue(`${path}[${index}].type`, type));
    seen.add(type);
  });
  return errors;
}

/** What may change where: decisions by `approval`, the certificate by `status`. */
function validateDecision(
  { status }: CertificateSigningRequest,
  { status: before }: CertificateSigningRequest,
  subresource: "" | "status" | "approval",
): FieldError[] {
  const errors: FieldError[] = [];
  const of = (from: typeof status, type: string) => (from?.conditions ?? []).filter((each) => each.type === type);
  for (const type of ["Approved", "Denied", "Failed"])
    if (of(status, type).length < of(before, type).length) {
      const why = `updates may not remove a condition of type ${JSON.stringify(type)}`;
      errors.push(forbiddenValue("status.conditions", why));
    }
  if (subresource !== "approval")
    for (const type of ["Approved", "Denied"]) {
      const [now, was] = [of(status, type), of(before, type)];
      if (now.length > was.length)
        errors.push(
          forbiddenValue("status.conditions", `updates may not add a condition of type ${JSON.stringify(type)}`),
        );
      else if (now.length === was.length && !equalJson(now, was))
        errors.push(
          forbiddenValue("status.conditions", `updates may not modify a condition of type ${JSON.stringify(type)}`),
        );
    }
  if ((status?.certificate ?? "") === (before?.certificate ?? "")) return errors;
  if (subresource !== "status")
    errors.push(forbiddenValue("status.certificate", "updates may not set certificate content"));
  else if (before?.certificate)
    errors.push(forbiddenValue("status.certificate", "updates may not modify existing certificate content"));
  return errors;
}
