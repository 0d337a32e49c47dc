import { describe, expect, it } from "vitest";
import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import { ENDPOINT_SLICES, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { readAll } from "../pipe";
import { SeededRandom } from "../random";
import { HealthChecks } from "./health-checks";
import { ConnectionRefusedError } from "./network";
import { scriptedInformer } from "./scripted-informer";
import { indexSlicesByService } from "./service-proxy";
import { VirtualNetwork } from "./virtual-network";

const SERVICE: Service = {
  metadata: { namespace: "shop", name: "web" },
  spec: { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 31234, clusterIP: "10.96.1.4" },
};

const SLICE: EndpointSlice = {
  metadata: { namespace: "shop", name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.244.1.2"], conditions: { ready: true }, nodeName: "kind-worker" }],
};

describe("health checks of nodes", () => {
  it("tell a load balancer where endpoints are, for as long as the Service wants it", async () => {
    const clock = new FakeClock();
    const network = new VirtualNetwork({ clock, random: new SeededRandom(1) });
    const services = await scriptedInformer(clock, SERVICES, [SERVICE]);
    const slices = await scriptedInformer(clock, ENDPOINT_SLICES, [SLICE]);
    indexSlicesByService(slices.informer);
    const nodes = ["kind-worker", "kind-worker2"].map((name, index) =>
      network.attach(`172.18.0.${3 + index}`, { kind: "node", name }),
    );
    new HealthChecks({ services: services.informer, endpointSlices: slices.informer, nodes, clock });
    const outside = network.attach("172.18.0.1", { kind: "outside", name: "outside" });
    const ask = async (address: string, port: number): Promise<string> => {
      const connection = await outside.connect({ address, port });
      await connection.writer.write(new TextEncoder().encode("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"));
      return new TextDecoder().decode(await readAll(connection.reader));
    };
    expect(await ask("172.18.0.3", 31234)).toMatch(
      /^HTTP\/1.1 200 OK[^]*{"service":{"namespace":"shop","name":"web"},"localEndpoints":1,"serviceProxyHealthy":true}$/,
    );
    expect(await ask("172.18.0.4", 31234)).toMatch(/^HTTP\/1.1 503 Service Unavailable[^]*"localEndpoints":0/);
    expect(await ask("172.18.0.4", 10256)).toMatch(/^HTTP\/1.1 200 OK/);
    services.put({ ...SERVICE, spec: { ...SERVICE.spec, externalTrafficPolicy: "Cluster" } });
    await expect(ask("172.18.0.3", 31234)).rejects.toThrow(ConnectionRefusedError);
  });
});
