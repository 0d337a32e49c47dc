import type { CertificateSigningRequest } from "../../api/generated/kubernetes";
import type { CertificateSigner } from "../../api/certificate-signer";
import { invalidValue } from "../../api/field-error";
import { equalJson } from "../../api/json";
import type { KubeObject } from "../../api/object";
import type { UserInfo } from "../../api/request";
import { forbidden, invalid } from "../../api/status";
import { parseRequest } from "../../certificates/request";
import { toTime } from "../../clock";
import type { Authorizer } from "../authorization";
import type { Admission, AdmissionAttributes } from "./admission";

const CLIENT = "kubernetes.io/kube-apiserver-client";

/**
 * Says in a request for a certificate who asks, dates its conditions, and lets only those decide and sign who may do so
 * for the signer. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
 */
export function certificateRequests(authorizer: Authorizer, signer: CertificateSigner | undefined): Admission {
  return {
    admit(attributes) {
      const { operation, subresource, object, old, user } = attributes;
      if (!isRequest(attributes) || !object) return;
      const draft = object as CertificateSigningRequest;
      if (operation === "create") setRequestor(draft, user);
      else if (subresource === "status") keepDecisions(draft, old);
      if (operation === "update" && subresource !== "")
        dateConditions(draft, old, toTime(attributes.context.clock.now()));
    },
    validate(attributes) {
      const { operation, subresource, object, old, user, name } = attributes;
      if (!isRequest(attributes) || !object) return undefined;
      const request = object as CertificateSigningRequest;
      const before = old as CertificateSigningRequest | undefined;
      const refuse = (why: string) => forbidden(REQUESTS, name || (request.metadata?.name ?? ""), why);
      if (subresource === "approval" && before) {
        const { signerName } = before.spec;
        if (!mayFor(authorizer, user, "approve", signerName))
          throw refuse(`user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
      }
      if (subresource === "status" && before && isSigned(request, before)) {
        const { signerName } = before.spec;
        if (!mayFor(authorizer, user, "sign", signerName))
          throw refuse(`user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
      }
      if (subresource !== "") return undefined;
      const parsed = parseRequest(request.spec.request);
      if (operation === "create" && signer && !signer.verify(parsed))
        throw invalid(
          { group: "certificates.k8s.io", kind: "CertificateSigningRequest" },
          request.metadata?.name ?? "",
          [invalidValue("spec.request", request.spec.request, "x509: signature verification failure")],
        );
      if (request.spec.signerName === CLIENT && parsed.organizations.includes("system:masters"))
        throw refuse(`use of ${CLIENT} signer with system:masters group is not allowed`);
      return undefined;
    },
  };
}

const REQUESTS = { group: "certificates.k8s.io", name: "certificatesigningrequests" };

function isRequest({ resource }: AdmissionAttributes): boolean {
  return resource.group === REQUESTS.group && resource.name === REQUESTS.name;
}

function setRequestor({ spec }: CertificateSigningRequest, { username, groups, uid, extra }: UserInfo): void {
  spec.username = username;
  spec.groups = [...groups];
  delete spec.uid;
  delete spec.extra;
  if (uid) spec.uid = uid;
  if (extra && Object.keys(extra).length > 0) spec.extra = structuredClone(extra) as Record<string, string[]>;
}

/** Whoever writes the status does not decide: decisions stay as they are, unless one comes or goes, which is refused. */
function keepDecisions({ status }: CertificateSigningRequest, old: KubeObject | undefined): void {
  const before = (old as CertificateSigningRequest | undefined)?.status?.conditions ?? [];
  if (!status?.conditions) return;
  status.conditions = status.conditions.map((condition) => {
    const isDecision = condition.type === "Approved" || condition.type === "Denied";
    const same = isDecision ? before.find((each) => each.type === condition.type) : undefined;
    return same ? { ...same } : condition;
  });
}

function dateConditions({ status }: CertificateSigningRequest, old: KubeObject | undefined, now: string): void {
  const before = (old as CertificateSigningRequest | undefined)?.status?.conditions ?? [];
  for (const condition of status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??=
      before.find(({ type, status: state }) => type === condition.type && state === condition.status)
        ?.lastTransitionTime ?? now;
  }
}

function isSigned({ status }: CertificateSigningRequest, { status: before }: CertificateSigningRequest): boolean {
  return status?.certificate !== before?.certificate || !equalJson(status?.conditions, before?.conditions);
}

/** For the signer itself, or for all of its domain. */
function mayFor(authorizer: Authorizer, user: UserInfo, verb: string, signerName: string): boolean {
  const domain = signerName.split("/")[0] ?? "";
  return [signerName, `${domain}/*`].some((name) => {
    const attributes = {
      group: "certificates.k8s.io",
      version: "*",
      resource: "signers",
      subresource: "",
      namespace: "",
    };
    return authorizer.authorize({ ...attributes, user, verb, name }).allowed;
  });
}
