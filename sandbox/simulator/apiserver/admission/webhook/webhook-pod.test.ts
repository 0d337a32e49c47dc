import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MutatingWebhook } from "../../../api/generated/kubernetes";
import type { Resource } from "../../../api/object";
import { CONFIG_MAPS, PODS, SECRETS, SERVICES } from "../../../client/resources";
import { FakeClock } from "../../../clock";
import { createCluster, type Cluster } from "../../../cluster";
import { CertificateAuthority } from "../../../serve/certificate-authority";
import { loadImages } from "../../../serve/images";

const GROUP = "admissionregistration.k8s.io";
const VALIDATING: Resource = configurations("validatingwebhookconfigurations", "ValidatingWebhookConfiguration");
const MUTATING: Resource = configurations("mutatingwebhookconfigurations", "MutatingWebhookConfiguration");
const RULE = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };
const NAME = "hook.default.svc";
const CALL = `Internal error occurred: failed calling webhook "guard.example.com": failed to call webhook: Post "https://${NAME}:443`;

describe("a webhook that a pod answers", () => {
  const clock = new FakeClock();
  const authority = CertificateAuthority.create("webhooks", clock.now());
  let cluster: Cluster;
  let count = 0;

  const identity = async (name: string, names: readonly string[]): Promise<void> => {
    const { cert, key } = authority.issue({ commonName: "hook", usage: "server", names }, clock.now());
    await cluster.client().create(SECRETS, {
      metadata: { namespace: "default", name },
      stringData: { "tls.crt": cert, "tls.key": key },
    });
    const files = ["--tls-cert-file=/tls/tls.crt", "--tls-private-key-file=/tls/tls.key"];
    await cluster.client().create(PODS, {
      metadata: { namespace: "default", name, labels: { app: name } },
      spec: {
        containers: [
          {
            name: "hook",
            image: "registry.k8s.io/e2e-test-images/agnhost:2.53",
            args: ["webhook", "--port=8443", ...files],
            readinessProbe: { periodSeconds: 1, httpGet: { scheme: "HTTPS", path: "/readyz", port: 8443 } },
            volumeMounts: [{ name: "tls", mountPath: "/tls" }],
          },
        ],
        volumes: [{ name: "tls", secret: { secretName: name } }],
      },
    });
    await cluster.client().create(SERVICES, {
      metadata: { namespace: "default", name },
      spec: { selector: { app: name }, ports: [{ port: 443, targetPort: 8443 }] },
    });
  };

  beforeAll(async () => {
    cluster = await createCluster({ clock, seed: 1, certificate: "CA", images: loadImages() });
    await identity("hook", [NAME]);
    await identity("other", ["elsewhere.default.svc"]);
    await cluster.settle(5000);
  });
  afterAll(() => cluster.stop());

  /** Makes a ConfigMap while there is such a webhook. */
  const createUnder = async (
    kind: Resource,
    path: string,
    more: Partial<MutatingWebhook> = {},
    data: Record<string, string> = {},
    service = "hook",
  ) => {
    const client = cluster.client();
    const caBundle = btoa(authority.cert);
    const clientConfig = { caBundle, service: { namespace: "default", name: service, path } };
    const policy = { rules: [RULE], sideEffects: "None", admissionReviewVersions: ["v1"] };
    const webhook = { name: "guard.example.com", clientConfig, ...policy, ...more };
    const configuration = { metadata: { name: "guard" }, webhooks: [webhook] };
    await client.create(kind, configuration);
    try {
      const name = `map-${++count}`;
      const created = client.create(CONFIG_MAPS, {
        metadata: { namespace: "default", name, labels: { a: "b" } },
        data,
      });
      void created.catch(() => undefined);
      await cluster.settle(6000);
      return await created;
    } finally {
      await client.delete(kind, { namespace: "", name: "guard" });
    }
  };

  it("changes the object by its patch", async () => {
    const { metadata } = await createUnder(MUTATING, "/add-label");
    expect(metadata.labels).toEqual({ a: "b", "added-label": "yes" });
    const { data } = await createUnder(MUTATING, "/mutating-configmaps", {}, { "mutation-start": "yes" });
    expect(data).toEqual({ "mutation-start": "yes", "mutation-stage-1": "yes" });
  });

  it("lets in what it likes and denies the rest, in its own words", async () => {
    await createUnder(VALIDATING, "/configmaps");
    const unwanted = { "webhook-e2e-test": "webhook-disallow" };
    await expect(createUnder(VALIDATING, "/configmaps", {}, unwanted)).rejects.toMatchObject({
      code: 400,
      message:
        'admission webhook "guard.example.com" denied the request: the configmap contains unwanted key and value',
    });
    // A denial is an answer: nothing for the failure policy.
    await expect(createUnder(VALIDATING, "/always-deny", { failurePolicy: "Ignore" })).rejects.toThrow(
      'admission webhook "guard.example.com" denied the request: this webhook denies all requests',
    );
  });

  it("has its time, and fails beyond it", async () => {
    await createUnder(VALIDATING, "/always-allow-delay-5s");
    const brief = { timeoutSeconds: 1 };
    await expect(createUnder(VALIDATING, "/always-allow-delay-5s", brief)).rejects.toThrow(
      `${CALL}/always-allow-delay-5s?timeout=1s": context deadline exceeded`,
    );
    await createUnder(VALIDATING, "/always-allow-delay-5s", { ...brief, failurePolicy: "Ignore" });
  });

  it.each<[string, string, Partial<MutatingWebhook>]>([
    ["hook", "the server could not find the requested resource", {}],
    [
      "hook",
      'Post "https://hook.default.svc:443/none?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      { clientConfig: { service: { namespace: "default", name: "hook", path: "/none" } } },
    ],
    [
      "other",
      'Post "https://other.default.svc:443/none?timeout=10s": tls: failed to verify certificate: x509: certificate is valid for elsewhere.default.svc, not other.default.svc',
      {},
    ],
  ])("fails at %s with: %s", async (service, why, more) => {
    await expect(createUnder(VALIDATING, "/none", more, {}, service)).rejects.toThrow(
      `Internal error occurred: failed calling webhook "guard.example.com": failed to call webhook: ${why}`,
    );
  });

  it("must not change what it validates, nor be asked about dry runs where it has effects", async () => {
    await expect(createUnder(VALIDATING, "/add-label")).rejects.toThrow(
      'failed calling webhook "guard.example.com": received invalid webhook response: validating webhook may not return response.patch',
    );
  });
});

function configurations(name: string, kind: string): Resource {
  return { group: GROUP, version: "v1", name, kind, namespaced: false };
}
