import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import type { CertificateSigningRequest } from "../../api/generated/kubernetes";
import type { UserInfo } from "../../api/request";
import { CERTIFICATE_REQUESTS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { createCluster, type Cluster } from "../../cluster";
import { CertificateAuthority } from "../../serve/certificate-authority";
import { bits, integer, oid, pem, sequence, set, tagged, text } from "../../serve/der";

const HOUR_MS = 3_600_000;
const CLIENT = "kubernetes.io/kube-apiserver-client";
let cluster: Cluster;
afterEach(() => cluster.stop());

async function freshCluster() {
  const clock = new FakeClock();
  const ca = CertificateAuthority.create("kubernetes", clock.now());
  cluster = await createCluster({ clock, seed: 1, certificate: ca.cert, signer: ca, profile: "control-plane" });
  await cluster.settle();
  const client = cluster.client();
  const stands = async (name: string) => {
    await cluster.settle();
    return await client.get(CERTIFICATE_REQUESTS, { namespace: "", name });
  };
  const decide = async (name: string, type: "Approved" | "Denied", user?: UserInfo) => {
    const request = await stands(name);
    const condition = { type, status: "True", reason: "KubectlApprove", message: "by hand" };
    const decided = { ...request, status: { ...request.status, conditions: [condition] } };
    await cluster.client(user).updateSubresource(CERTIFICATE_REQUESTS, decided, "approval");
  };
  return { clock, ca, client, stands, decide };
}

const OIDS = { CN: "2.5.4.3", O: "2.5.4.10" };

/** A request in base64, signed with its own key or with another one. */
function requestFor(name: [keyof typeof OIDS, string][], isForged = false): string {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = sequence(...name.map(([type, value]) => set(sequence(oid(OIDS[type]), text(value)))));
  const key = publicKey.export({ type: "spki", format: "der" });
  const content = sequence(integer(Uint8Array.of(0)), subject, key, tagged(0xa0));
  const signingKey = isForged ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey : privateKey;
  const signature = sign("sha256", content, signingKey);
  const der = sequence(content, sequence(oid("1.2.840.10045.4.3.2")), bits(signature));
  return btoa(pem("CERTIFICATE REQUEST", der));
}

function request(name: string, spec: Partial<CertificateSigningRequest["spec"]> = {}): CertificateSigningRequest {
  return {
    metadata: { name },
    spec: {
      request: requestFor([
        ["O", "developers"],
        ["CN", name],
      ]),
      signerName: CLIENT,
      usages: ["client auth"],
      ...spec,
    },
  };
}

describe("requests for certificates", () => {
  it("are signed once they are approved, for whom they name and for as long as they want", async () => {
    const { client, ca, stands, decide } = await freshCluster();
    const asked = await client.create(CERTIFICATE_REQUESTS, request("jane", { expirationSeconds: 3600 }));
    expect(asked.spec.username).toBe("kubernetes-admin");
    expect((await stands("jane")).status).toEqual({});
    await decide("jane", "Approved");
    const { status } = await stands("jane");
    expect(status?.conditions?.[0]).toMatchObject({ type: "Approved", lastUpdateTime: "2026-01-01T00:00:00Z" });
    const certificate = new X509Certificate(atob(status?.certificate ?? ""));
    expect(certificate.subject).toBe("O=developers\nCN=jane");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo) - Date.parse("2026-01-01T00:00:00Z")).toBe(HOUR_MS);
    await expect(decide("jane", "Denied")).rejects.toThrow('updates may not remove a condition of type "Approved"');
  });

  it("stay unsigned when they are denied, and fail when the signer cannot do what they ask", async () => {
    const { client, stands, decide } = await freshCluster();
    await client.create(CERTIFICATE_REQUESTS, request("mallory"));
    await decide("mallory", "Denied");
    expect((await stands("mallory")).status?.certificate).toBeUndefined();
    await client.create(CERTIFICATE_REQUESTS, request("server", { usages: ["server auth"] }));
    await decide("server", "Approved");
    expect((await stands("server")).status?.conditions?.at(-1)).toMatchObject({
      type: "Failed",
      reason: "SignerValidationFailure",
      message: "invalid usage for client certificate: server auth",
    });
  });

  it("of kubelets approve themselves", async () => {
    const { client, stands } = await freshCluster();
    const node: UserInfo = { username: "system:node:kind-worker", groups: ["system:nodes", "system:authenticated"] };
    const kubelet = request("csr-1", {
      request: requestFor([
        ["O", "system:nodes"],
        ["CN", node.username],
      ]),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    });
    await cluster.client({ ...node, groups: [...node.groups, "system:masters"] }).create(CERTIFICATE_REQUESTS, kubelet);
    const { status } = await stands("csr-1");
    expect(status?.conditions?.[0]?.message).toBe(
      "Auto approving self kubelet client certificate after SubjectAccessReview.",
    );
    expect(status?.certificate).toBeDefined();
    expect(await client.list(CERTIFICATE_REQUESTS, "")).toBeDefined();
  });

  it("are refused when they are not what they say, or want too much", async () => {
    const { client } = await freshCluster();
    const refused = (spec: Partial<CertificateSigningRequest["spec"]>, why: string) =>
      expect(client.create(CERTIFICATE_REQUESTS, request("x", spec))).rejects.toThrow(why);
    await refused({ request: btoa("nonsense") }, "PEM block type must be CERTIFICATE REQUEST");
    await refused({ request: requestFor([["CN", "x"]], true) }, "spec.request: Invalid value");
    await refused({ usages: [] }, "spec.usages: Required value");
    await refused({ usages: ["fun"] }, 'spec.usages[0]: Unsupported value: "fun"');
    await refused({ expirationSeconds: 60 }, "may not specify a duration less than 600 seconds (10 minutes)");
    await refused(
      { signerName: "mine" },
      "must be a fully qualified domain and path of the form 'example.com/signer-name'",
    );
    const masters = requestFor([
      ["O", "system:masters"],
      ["CN", "x"],
    ]);
    await refused(
      { request: masters },
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });

  it("are gone an hour after they were decided, a day after nobody cared", async () => {
    const { clock, client, decide } = await freshCluster();
    await client.create(CERTIFICATE_REQUESTS, request("jane"));
    await client.create(CERTIFICATE_REQUESTS, request("nobody"));
    await decide("jane", "Approved");
    const names = async () => {
      await cluster.settle();
      return (await client.list(CERTIFICATE_REQUESTS, "")).items.map(({ metadata }) => metadata.name);
    };
    await clock.advance(HOUR_MS + 1);
    expect(await names()).toEqual(["nobody"]);
    await clock.advance(24 * HOUR_MS);
    expect(await names()).toEqual([]);
  });
});
