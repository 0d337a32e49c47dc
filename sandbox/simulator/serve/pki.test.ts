import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderKubeconfig } from "./kubeconfig";
import { createClusterPki } from "./pki";

const NOW = Date.UTC(2026, 5, 1);

describe("a cluster's certificates", () => {
  const pki = createClusterPki(NOW);

  it("come from one authority", () => {
    const ca = new X509Certificate(pki.ca.cert);
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe("CN=kubernetes");
    for (const { cert, key } of [pki.serving, pki.admin]) {
      const leaf = new X509Certificate(cert);
      expect(leaf.verify(ca.publicKey)).toBe(true);
      expect(leaf.checkIssued(ca)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(new Date(leaf.validFrom).getTime()).toBeLessThan(NOW);
      expect(new Date(leaf.validTo).getTime()).toBeGreaterThan(NOW);
    }
  });

  it("name the admin as kubeadm does, and the server by all its names", () => {
    expect(new X509Certificate(pki.admin.cert).subject).toBe("O=kubeadm:cluster-admins\nCN=kubernetes-admin");
    const serving = new X509Certificate(pki.serving.cert);
    for (const name of ["kubernetes.default.svc", "localhost"]) expect(serving.checkHost(name)).toBe(name);
    for (const address of ["127.0.0.1", "10.96.0.1", "172.18.0.2"]) expect(serving.checkIP(address)).toBe(address);
  });

  it("can be issued again by the authority of a snapshot", () => {
    const again = createClusterPki(NOW, { cert: pki.ca.cert, key: pki.ca.key });
    expect(again.ca.cert).toBe(pki.ca.cert);
    expect(new X509Certificate(again.admin.cert).checkIssued(new X509Certificate(pki.ca.cert))).toBe(true);
  });

  it("differ from cluster to cluster", () => {
    expect(createClusterPki(NOW).ca.key).not.toBe(pki.ca.key);
  });

  it("cost under 10 ms of the processor", () => {
    const begin = process.cpuUsage();
    for (let round = 0; round < 10; round++) createClusterPki(NOW);
    const { user, system } = process.cpuUsage(begin);
    expect((user + system) / 1000 / 10).toBeLessThan(10);
  });
});

describe("a kubeconfig", () => {
  it("has kind's shape", () => {
    const text = renderKubeconfig({
      server: "https://127.0.0.1:6443",
      ca: "CA",
      user: { cert: "CERT", key: "KEY" },
      namespace: "shop",
    });
    expect(text.startsWith("apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n")).toBe(true);
    expect(parse(text)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "kind-kind",
      clusters: [
        { name: "kind-kind", cluster: { "certificate-authority-data": "Q0E=", server: "https://127.0.0.1:6443" } },
      ],
      contexts: [{ name: "kind-kind", context: { cluster: "kind-kind", namespace: "shop", user: "kind-kind" } }],
      users: [{ name: "kind-kind", user: { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" } }],
    });
  });
});
