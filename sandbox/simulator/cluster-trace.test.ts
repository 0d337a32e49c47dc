import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Client } from "./client/client";
import { NETWORK_POLICIES, PODS, SERVICES } from "./client/resources";
import { FakeClock } from "./clock";
import { createCluster, type Cluster } from "./cluster";
import type { Trace } from "./network/trace";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };

describe("the way of a request", () => {
  let cluster: Cluster;
  let client: Client;

  beforeEach(async () => {
    cluster = await createCluster({ clock: new FakeClock(), seed: 1, certificate: "CA" });
    client = cluster.client();
    for (const name of ["web", "box"]) {
      await client.create(PODS, {
        metadata: { namespace: "default", name, labels: { app: name } },
        spec: { containers: [{ name: "c", image: "nginx:1.27" }] },
      });
    }
    await client.create(SERVICES, {
      metadata: { namespace: "default", name: "web" },
      spec: { type: "NodePort", selector: { app: "web" }, ports: [{ port: 80, nodePort: 30080 }] },
    });
    await cluster.settle(1000);
  });

  afterEach(() => cluster.stop());

  const ask = (query: string) => cluster.http.fetch(new Request(`https://api/slipway/trace?${query}`), ADMIN);
  const trace = async (from: string, to: string): Promise<Trace> => {
    const answer: unknown = await (await ask(`from=${from}&to=${to}`)).json();
    return answer as Trace;
  };

  it("goes by name, Service rule and endpoint to the pod", async () => {
    const { outcome, hops } = await trace("default/box", "http://web");
    expect(outcome).toBe("connected");
    expect(hops.map(({ kind }) => kind)).toEqual(["name", "host", "service", "endpoint", "host"]);
    expect(hops[0]?.detail).toMatchObject({ name: "web.default.svc.cluster.local", server: "10.96.0.10" });
    expect(hops[3]?.detail).toMatchObject({ pod: "default/web", port: 80 });
  });

  it("tells the policy that stands in the way, and the name that is none", async () => {
    const spec = { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Ingress"] };
    await client.create(NETWORK_POLICIES, { metadata: { namespace: "default", name: "closed" }, spec });
    await cluster.settle();
    const denied = await trace("box", "web:80");
    expect(denied.outcome).toBe("timeout");
    expect(denied.hops.find(({ kind }) => kind === "policy")?.detail).toMatchObject({
      verdict: "denied",
      policies: "default/closed",
    });
    const unknown = await trace("box", "wbe:80");
    expect(unknown.outcome).toBe("no-such-name");
    expect(unknown.hops.map(({ detail }) => detail.answer)).toEqual(Array(4).fill("NXDOMAIN"));
  });

  it("comes from outside by a node's port, and from a node by the cluster IP", async () => {
    expect((await trace("outside", "172.18.0.3:30080")).outcome).toBe("connected");
    expect((await trace("outside", "172.18.0.3:30081")).outcome).toBe("refused");
    const { spec } = await client.get(SERVICES, { namespace: "default", name: "web" });
    expect((await trace("kind-worker", `${spec?.clusterIP}:80`)).outcome).toBe("connected");
    expect((await trace("outside", `${spec?.clusterIP}:80`)).outcome).toBe("timeout");
    expect(cluster.outside?.openPorts()).toEqual(
      ["172.18.0.2", "172.18.0.3", "172.18.0.4"].map((address) => ({
        address,
        port: 30080,
        kind: "node-port",
        of: "default/web",
      })),
    );
    const body = { spec: { selector: { app: "none" } } };
    await client.patch(SERVICES, { namespace: "default", name: "web" }, { type: "merge", body });
    await cluster.settle();
    expect(cluster.outside?.openPorts()).toEqual([]);
  });

  it("refuses questions that make no sense, and people who may not ask", async () => {
    expect((await ask("from=nobody&to=web:80")).status).toBe(400);
    expect((await ask("from=box")).status).toBe(400);
    const anonymous = await cluster.http.fetch(new Request("https://api/slipway/trace?from=box&to=web:80"), {});
    expect(anonymous.status).toBe(403);
  });
});
