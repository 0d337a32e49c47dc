import { describe, expect, it } from "vitest";
import type { Pod, Service } from "../api/generated/kubernetes";
import { PODS, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { HostPorts } from "./host-ports";
import { OutsideView } from "./outside";
import { scriptedInformer } from "./scripted-informer";
import { VirtualNetwork } from "./virtual-network";

const NODES = new Map([
  ["kind-worker", "172.18.0.3"],
  ["kind-worker2", "172.18.0.4"],
]);

const POD: Pod = {
  metadata: { namespace: "edge", name: "proxy" },
  spec: { nodeName: "kind-worker", containers: [{ name: "c", ports: [{ containerPort: 8080, hostPort: 80 }] }] },
  status: { podIP: "10.244.1.2" },
};

async function world() {
  const clock = new FakeClock();
  const network = new VirtualNetwork({ clock, random: new SeededRandom(1) });
  const services = await scriptedInformer<Service>(clock, SERVICES);
  const pods = await scriptedInformer<Pod>(clock, PODS);
  const hostPorts = new HostPorts(pods.informer, (address) => network.hostAt(address)?.label);
  network.addTranslation(hostPorts);
  for (const [name, address] of NODES) network.attach(address, { kind: "node", name });
  const host = network.attach("172.18.0.1", { kind: "outside", name: "outside" });
  const closed = new Set<number>();
  const outside = new OutsideView({
    host,
    services: services.informer,
    hostPorts,
    nodes: NODES,
    isOpen: ({ port }) => !closed.has(port),
    onOpenChange: () => () => undefined,
  });
  const pairs = () => outside.openPorts().map(({ address, port, kind }) => `${address}:${port} ${kind}`);
  return { network, services, pods, outside, pairs, closed };
}

describe("the cluster from outside", () => {
  it("opens node ports on every node, load balancers' addresses, and external IPs that a node has", async () => {
    const { services, pairs } = await world();
    const ports = [
      { port: 80, nodePort: 30080 },
      { port: 53, nodePort: 30053, protocol: "UDP" },
    ];
    const metadata = { namespace: "shop", name: "web" };
    services.put({ metadata, spec: { type: "ClusterIP", clusterIP: "10.96.1.1", ports: [{ port: 80 }] } });
    expect(pairs()).toEqual([]);
    const externalIPs = ["172.18.0.4", "203.0.113.1"];
    const status = { loadBalancer: { ingress: [{ ip: "172.18.255.200" }] } };
    services.put({ metadata, spec: { type: "LoadBalancer", clusterIP: "10.96.1.1", ports, externalIPs }, status });
    expect(pairs()).toEqual([
      "172.18.0.3:30080 node-port",
      "172.18.0.4:80 external-ip",
      "172.18.0.4:30080 node-port",
      "172.18.255.200:80 load-balancer",
    ]);
  });

  it("leaves out a port where a connection would be refused", async () => {
    const { services, pairs, closed } = await world();
    const ports = [
      { port: 80, nodePort: 30080 },
      { port: 81, nodePort: 30081 },
    ];
    const metadata = { namespace: "shop", name: "web" };
    services.put({ metadata, spec: { type: "NodePort", clusterIP: "10.96.1.1", ports } });
    closed.add(30080);
    expect(pairs()).toEqual(["172.18.0.3:30081 node-port", "172.18.0.4:30081 node-port"]);
  });

  it("leads a host port to its pod for as long as that runs, and tells once of changes of one moment", async () => {
    const { network, pods, services, outside, pairs } = await world();
    let told = 0;
    outside.onChange(() => {
      told++;
    });
    network
      .attach("10.244.1.2", { kind: "pod", name: "edge/proxy", node: "kind-worker" })
      .listen({ port: 8080 }, (connection) => connection.writer.end());
    pods.put(POD);
    services.put({ metadata: { namespace: "shop", name: "web" }, spec: { type: "ClusterIP" } });
    await Promise.resolve();
    expect(told).toBe(1);
    expect(pairs()).toEqual(["172.18.0.3:80 host-port"]);
    const connection = await outside.dial({ address: "172.18.0.3", port: 80 });
    expect(await connection.reader.read()).toBeUndefined();
    pods.put({ ...POD, status: { ...POD.status, phase: "Succeeded" } });
    expect(pairs()).toEqual([]);
    await expect(outside.dial({ address: "172.18.0.3", port: 80 })).rejects.toThrow("refused");
  });
});
