import type { CertificateSigningRequest, SubjectAccessReview } from "../../api/generated/kubernetes";
import type { CertificateSigner } from "../../api/certificate-signer";
import { isConflict, isNotFound } from "../../api/status";
import { keyOf, type Resource, type Stored } from "../../api/object";
import { parseRequest, type CertificateRequest } from "../../certificates/request";
import { Controller } from "../../client/controller";
import { CERTIFICATE_REQUESTS } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { deadlineOf } from "./clean-up";
import { isKubeletClient, KUBELET_CLIENT, SIGNERS } from "./signers";

const MINUTE_MS = 60_000;
const BACKDATED_MS = 5 * MINUTE_MS;
const SHORT_MS = 8 * 60 * MINUTE_MS;
const LONGEST_MS = 365 * 24 * 60 * MINUTE_MS;

/**
 * Approves what kubelets ask for themselves, signs what is approved and cleans up what is old.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export class CertificateController implements Runnable {
  readonly #context: ControllerContext;
  readonly #signer: CertificateSigner | undefined;
  readonly #controller: Controller;

  /** Without a signer nothing is signed. */
  constructor(context: ControllerContext, signer: CertificateSigner | undefined) {
    this.#context = context;
    this.#signer = signer;
    const { informers, clock, onError } = context;
    const { certificateRequests } = informers;
    this.#controller = new Controller({
      name: "certificate",
      clock,
      sync: (name) => this.#sync(name),
      informers: [certificateRequests],
      onError,
    });
    const { queue } = this.#controller;
    certificateRequests.addHandler({
      added: (request) => queue.add(keyOf(request)),
      updated: (_, request) => queue.add(keyOf(request)),
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(name: string): Promise<void> {
    const request = this.#context.informers.certificateRequests.get("", name);
    if (!request) return;
    try {
      if (await this.#cleanUp(request)) return;
      const parsed = parseRequest(request.spec.request);
      if (!isDecided(request)) await this.#approve(request, parsed);
      else if (has(request, "Approved")) await this.#sign(request, parsed);
    } catch (error) {
      // Changed or gone meanwhile: its next event brings it back.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  async #cleanUp(request: Stored<CertificateSigningRequest>): Promise<boolean> {
    const { client, clock } = this.#context;
    const left = deadlineOf(request) - clock.now();
    if (left > 0) this.#controller.queue.addAfter(keyOf(request), left);
    else await client.delete(CERTIFICATE_REQUESTS, { namespace: "", name: request.metadata.name });
    return left <= 0;
  }

  async #approve(request: Stored<CertificateSigningRequest>, parsed: CertificateRequest): Promise<void> {
    const { spec } = request;
    if (spec.signerName !== KUBELET_CLIENT || !isKubeletClient(parsed, spec.usages ?? [])) return;
    const ways =
      spec.username === parsed.commonName
        ? [
            ["selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview."],
            ["nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview."],
          ]
        : [["nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview."]];
    for (const [subresource = "", message] of ways) {
      if (!(await this.#mayCreate(request, subresource))) continue;
      const condition = { type: "Approved", status: "True", reason: "AutoApproved", message };
      const conditions = [...(request.status?.conditions ?? []), condition];
      const approved = { ...request, status: { ...request.status, conditions } };
      await this.#context.client.updateSubresource(CERTIFICATE_REQUESTS, approved, "approval");
      return;
    }
  }

  async #mayCreate({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const review = await this.#context.client.create(SUBJECT_ACCESS_REVIEWS, {
      spec: {
        user: spec.username,
        groups: spec.groups,
        resourceAttributes: {
          group: "certificates.k8s.io",
          resource: "certificatesigningrequests",
          verb: "create",
          subresource,
          version: "*",
        },
      },
    });
    return review.status?.allowed ?? false;
  }

  async #sign(request: Stored<CertificateSigningRequest>, parsed: CertificateRequest): Promise<void> {
    const { spec, status } = request;
    const { client, clock } = this.#context;
    const signer = this.#signer;
    const check = SIGNERS[spec.signerName];
    if (!signer || !check || status?.certificate || has(request, "Failed")) return;
    const fault = check(parsed, spec.usages ?? []);
    if (fault !== undefined) {
      const failed = { type: "Failed", status: "True", reason: "SignerValidationFailure", message: fault };
      const conditions = [...(status?.conditions ?? []), failed];
      await client.updateStatus(CERTIFICATE_REQUESTS, { ...request, status: { ...status, conditions } });
      return;
    }
    const now = clock.now();
    const wanted = (spec.expirationSeconds ?? LONGEST_MS / 1000) * 1000;
    const lifetime = Math.min(Math.max(wanted, 10 * MINUTE_MS), LONGEST_MS);
    const notAfter = now + (lifetime < SHORT_MS ? lifetime : lifetime - BACKDATED_MS);
    const certificate = signer.signCertificate({
      publicKey: parsed.publicKey,
      subject: parsed.subject,
      ...(parsed.alternativeNames && { alternativeNames: parsed.alternativeNames }),
      usages: spec.usages ?? [],
      notBefore: now - BACKDATED_MS,
      notAfter: Math.min(notAfter, signer.notAfter),
    });
    await client.updateStatus(CERTIFICATE_REQUESTS, {
      ...request,
      status: { ...status, certificate: btoa(certificate) },
    });
  }
}

function isDecided(request: CertificateSigningRequest): boolean {
  return has(request, "Approved") || has(request, "Denied");
}

function has({ status }: CertificateSigningRequest, type: string): boolean {
  return status?.conditions?.some((each) => each.type === type) ?? false;
}

const SUBJECT_ACCESS_REVIEWS: Resource<SubjectAccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  name: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
};
