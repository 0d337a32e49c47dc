import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSlice, Service, ServiceSpec } from "../api/generated/kubernetes";
import { ENDPOINT_SLICES, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { ConnectionRefusedError, ConnectionTimeoutError, type NetworkHost } from "./network";
import { scriptedInformer } from "./scripted-informer";
import { ServiceProxy } from "./service-proxy";
import { VirtualNetwork } from "./virtual-network";

const WEB = { address: "10.96.1.4", port: 80 };

describe("the service proxy", () => {
  let clock: FakeClock;
  let network: VirtualNetwork;
  let client: NetworkHost;
  let node: NetworkHost;
  let outside: NetworkHost;
  let reached: string[];
  let seen: string[];
  let services: Awaited<ReturnType<typeof scriptedInformer<Service>>>;
  let slices: Awaited<ReturnType<typeof scriptedInformer<EndpointSlice>>>;

  beforeEach(async () => {
    clock = new FakeClock();
    const random = new SeededRandom(7);
    network = new VirtualNetwork({ clock, random });
    services = await scriptedInformer(clock, SERVICES, [service()]);
    slices = await scriptedInformer(clock, ENDPOINT_SLICES, [slice([["10.244.1.2"], ["10.244.2.2"]])]);
    network.addTranslation(
      new ServiceProxy({
        services: services.informer,
        endpointSlices: slices.informer,
        labelAt: (address) => network.hostAt(address)?.label,
        clock,
        random,
      }),
    );
    reached = [];
    seen = [];
    for (const [address, node] of [
      ["10.244.1.2", "kind-worker"],
      ["10.244.2.2", "kind-worker2"],
    ] as const) {
      const host = network.attach(address, { kind: "pod", name: `default/${address}`, node });
      host.listen({ port: 8080 }, (connection) => {
        reached.push(address);
        seen.push(connection.remote.address);
        connection.writer.end();
      });
    }
    node = network.attach("172.18.0.3", { kind: "node", name: "kind-worker" });
    network.attach("172.18.0.4", { kind: "node", name: "kind-worker2" });
    outside = network.attach("172.18.0.1", { kind: "outside", name: "outside" });
    client = network.attach("10.244.1.9", { kind: "pod", name: "default/client", node: "kind-worker" });
  });

  const call = async (target = WEB, from = client) => {
    const connection = await from.connect(target, { timeoutMs: 1000 });
    await connection.reader.read();
    return connection;
  };

  it("spreads connections to a cluster IP over the ready endpoints and tells the way", async () => {
    for (let i = 0; i < 12; i++) await call();
    expect(new Set(reached)).toEqual(new Set(["10.244.1.2", "10.244.2.2"]));
    const { trace, remote } = await call();
    expect(remote).toEqual(WEB);
    expect(trace.map(({ kind }) => kind)).toEqual(["host", "service", "endpoint", "host"]);
    expect(trace[1]?.detail).toMatchObject({ namespace: "default", name: "web", via: "cluster-ip" });
  });

  it("carries datagrams of a UDP port to an endpoint, and refuses them while there is none", async () => {
    services.put(service({ ports: [{ port: 53, protocol: "UDP" }] }));
    slices.put({ ...slice([["10.244.1.2"]]), ports: [{ name: "", port: 8053, protocol: "UDP" }] });
    const server = network.hostAt("10.244.1.2");
    server?.serveDatagrams(8053, (datagram) => Promise.resolve(Uint8Array.from([...datagram, 1])));
    const ask = () => client.exchange({ ...WEB, port: 53 }, Uint8Array.of(7), 1000);
    expect(await ask()).toEqual(Uint8Array.of(7, 1));
    // A port of TCP with the same number is another one.
    const waiting = expect(client.connect({ ...WEB, port: 53 }, { timeoutMs: 1000 })).rejects.toThrow(
      ConnectionTimeoutError,
    );
    await clock.advance(1000);
    await waiting;
    slices.put({ ...slice([]), ports: [{ name: "", port: 8053, protocol: "UDP" }] });
    await expect(ask()).rejects.toThrow(ConnectionRefusedError);
  });

  it("refuses when there are no endpoints and times out on a port the Service does not have", async () => {
    slices.put(slice([]));
    const refusal = await call().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConnectionRefusedError);
    expect(refusal).toMatchObject({
      trace: [{ kind: "host" }, { kind: "service" }, { kind: "refused", detail: { reason: "no-endpoints" } }],
    });
    const lost = expect(call({ ...WEB, port: 81 })).rejects.toThrow(ConnectionTimeoutError);
    await clock.advance(1000);
    await lost;
  });

  it("follows endpoints as they come and go", async () => {
    slices.put(slice([["10.244.1.2", false], ["10.244.2.2"]]));
    for (let i = 0; i < 8; i++) await call();
    expect(new Set(reached)).toEqual(new Set(["10.244.2.2"]));
  });

  it("keeps a client with one endpoint under session affinity", async () => {
    services.put(service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } }));
    for (let i = 0; i < 12; i++) await call();
    expect(new Set(reached).size).toBe(1);
  });

  it("answers a node port on node addresses only", async () => {
    services.put(service({ type: "NodePort", ports: [{ port: 80, nodePort: 30080, protocol: "TCP" }] }));
    await call({ address: "172.18.0.3", port: 30080 });
    expect(reached).toHaveLength(1);
    await expect(call({ address: "10.244.1.2", port: 30080 })).rejects.toThrow(ConnectionRefusedError);
  });

  it("stays on the client's node when the traffic policy says so", async () => {
    services.put(service({ internalTrafficPolicy: "Local" }));
    for (let i = 0; i < 8; i++) await call();
    expect(new Set(reached)).toEqual(new Set(["10.244.1.2"]));
  });

  it("falls back to endpoints that serve while they terminate", async () => {
    slices.put(slice([["10.244.1.2", false, true]]));
    await call();
    expect(reached).toEqual(["10.244.1.2"]);
  });

  const outcome = (target: typeof WEB, from = outside) => {
    const { outcome: result, hops } = from.probe("TCP", target);
    return [result, hops.at(-1)?.detail.reason].filter(Boolean).join(" ");
  };

  it("hides who comes by a node port behind the node, and a pod that reaches itself behind its gateway", async () => {
    services.put(service({ type: "NodePort", ports: [{ port: 80, nodePort: 30080, protocol: "TCP" }] }));
    slices.put(slice([["10.244.2.2"]]));
    await call({ address: "172.18.0.3", port: 30080 }, outside);
    slices.put(slice([["10.244.1.2"]]));
    await call({ address: "172.18.0.3", port: 30080 }, outside);
    await call({ address: "127.0.0.1", port: 30080 }, node);
    client.listen({ port: 8080 }, (connection) => {
      seen.push(connection.remote.address);
      connection.writer.end();
    });
    slices.put(slice([["10.244.1.9"]]));
    await call();
    expect(seen).toEqual(["172.18.0.3", "10.244.1.1", "10.244.1.1", "10.244.1.1"]);
  });

  it("keeps the client's address under an external policy of Local, on nodes that have an endpoint", async () => {
    const ports = [{ port: 80, nodePort: 30080, protocol: "TCP" }];
    services.put(service({ type: "NodePort", externalTrafficPolicy: "Local", ports }));
    slices.put(slice([["10.244.1.2"]]));
    await call({ address: "172.18.0.3", port: 30080 }, outside);
    expect(seen).toEqual(["172.18.0.1"]);
    expect(outcome({ address: "172.18.0.4", port: 30080 })).toBe("timeout no-local-endpoints");
    // From inside the cluster the way out and in again is cut short.
    expect(outcome({ address: "172.18.0.4", port: 30080 }, client)).toBe("connected");
    slices.put(slice([]));
    expect(outcome({ address: "172.18.0.3", port: 30080 })).toBe("refused no-endpoints");
  });

  it("answers on a load balancer's address those whom the Service allows", () => {
    const spec: Partial<ServiceSpec> = { type: "LoadBalancer", externalTrafficPolicy: "Local" };
    const status = { loadBalancer: { ingress: [{ ip: "172.18.255.200" }] } };
    const target = { address: "172.18.255.200", port: 80 };
    expect(outcome(target)).toBe("timeout no-host");
    services.put({ ...service(spec), status });
    expect(outcome(target)).toBe("connected");
    expect(outcome(target, client)).toBe("connected");
    services.put({ ...service({ ...spec, loadBalancerSourceRanges: ["203.0.113.0/24"] }), status });
    expect(outcome(target)).toBe("timeout load-balancer-source-ranges");
    services.put({ ...service({ ...spec, loadBalancerSourceRanges: ["172.18.0.0/16"] }), status });
    expect(outcome(target)).toBe("connected");
    expect(outcome(target, client)).toBe("timeout load-balancer-source-ranges");
  });

  it("keeps cluster IPs from the outside, and external IPs that no node has", () => {
    services.put(service({ externalIPs: ["203.0.113.7", "172.18.0.4"] }));
    expect(outcome(WEB)).toBe("timeout no-host");
    expect(outcome({ address: "203.0.113.7", port: 80 })).toBe("timeout no-host");
    expect(outcome({ address: "203.0.113.7", port: 80 }, client)).toBe("connected");
    expect(outcome({ address: "172.18.0.4", port: 80 })).toBe("connected");
  });

  it("breaks a connection when the pod behind it goes", async () => {
    const connection = await client.connect(WEB);
    const gone = connection.trace.find(({ kind }) => kind === "endpoint")?.detail.address;
    const reading = connection.reader.read().then(() => connection.reader.read());
    network.hostAt(String(gone))?.leave();
    await expect(reading).resolves.toBeUndefined();
    expect(connection.writer.closed).toBe(true);
  });

  it("lets go of a client once its affinity has run out", async () => {
    services.put(service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } }));
    for (let i = 0; i < 16; i++) {
      await call();
      await clock.advance(10_001);
    }
    expect(new Set(reached).size).toBe(2);
  });

  it("forgets a deleted Service", async () => {
    services.remove(service());
    const lost = expect(call()).rejects.toThrow(ConnectionTimeoutError);
    await clock.advance(1000);
    await lost;
  });
});

function service(spec: Partial<ServiceSpec> = {}): Service {
  return {
    metadata: { namespace: "default", name: "web" },
    spec: { type: "ClusterIP", clusterIP: "10.96.1.4", ports: [{ port: 80, protocol: "TCP" }], ...spec },
  };
}

function slice(endpoints: [address: string, ready?: boolean, terminating?: boolean][]): EndpointSlice {
  return {
    metadata: { namespace: "default", name: "web-abcde", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    endpoints: endpoints.map(([address, ready = true, terminating = false]) => ({
      addresses: [address],
      conditions: { ready, serving: ready || terminating, terminating },
      nodeName: address.startsWith("10.244.1.") ? "kind-worker" : "kind-worker2",
    })),
  };
}
