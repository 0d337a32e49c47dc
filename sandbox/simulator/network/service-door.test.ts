import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSlice, Service } from "../api/generated/kubernetes";
import { ENDPOINT_SLICES, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { scriptedInformer } from "./scripted-informer";
import { NoEndpointsError, NoSuchServiceError, ServiceDoor } from "./service-door";
import { indexSlicesByService } from "./service-proxy";
import { VirtualNetwork } from "./virtual-network";

const metadata = { namespace: "shop", name: "web" };
const TARGET = { namespace: "shop", service: "web", port: 80 };

async function makeWorld() {
  const clock = new FakeClock();
  const random = new SeededRandom(1);
  const network = new VirtualNetwork({ clock, random });
  const services = await scriptedInformer<Service>(clock, SERVICES);
  const slices = await scriptedInformer<EndpointSlice>(clock, ENDPOINT_SLICES);
  indexSlicesByService(slices.informer);
  const host = network.attach("172.18.0.2", { kind: "node", name: "kind-control-plane" });
  const door = new ServiceDoor({ services: services.informer, endpointSlices: slices.informer, host, random });
  return { network, services, slices, door };
}

describe("the door to Services", () => {
  let world: Awaited<ReturnType<typeof makeWorld>>;
  beforeEach(async () => {
    world = await makeWorld();
    const ports = [
      { name: "http", port: 80 },
      { name: "dns", port: 53, protocol: "UDP" },
    ];
    world.services.put({ metadata, spec: { clusterIP: "None", ports } });
  });

  function endpoint(ready: boolean): void {
    world.slices.put({
      metadata: { namespace: "shop", name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      endpoints: [{ addresses: ["10.244.1.2"], conditions: { ready } }],
    });
  }

  it("lists TCP ports with how many endpoints are ready, and leaves out what has no place in the cluster", () => {
    endpoint(true);
    world.services.put({
      metadata: { namespace: "shop", name: "elsewhere" },
      spec: { type: "ExternalName", externalName: "example.com", ports: [{ port: 80 }] },
    });
    expect(world.door.list()).toEqual([{ ...TARGET, type: "ClusterIP", name: "http", ready: 1 }]);
  });

  it("leads to a ready endpoint's own port, also of a headless Service", async () => {
    endpoint(true);
    world.network
      .attach("10.244.1.2", { kind: "pod", name: "shop/web-0" })
      .listen({ port: 8080 }, (connection) => connection.writer.end());
    const connection = await world.door.dial(TARGET);
    expect(connection.remote).toEqual({ address: "10.244.1.2", port: 8080 });
  });

  it("says what is missing: the Service, its port, a ready endpoint, a program that listens", async () => {
    await expect(world.door.dial({ ...TARGET, service: "none" })).rejects.toThrow(NoSuchServiceError);
    await expect(world.door.dial({ ...TARGET, port: 53 })).rejects.toThrow(NoSuchServiceError);
    await expect(world.door.dial(TARGET)).rejects.toThrow(NoEndpointsError);
    endpoint(false);
    await expect(world.door.dial(TARGET)).rejects.toThrow(NoEndpointsError);
    endpoint(true);
    world.network.attach("10.244.1.2", { kind: "pod", name: "shop/web-0" });
    await expect(world.door.dial(TARGET)).rejects.toThrow("Connection refused");
  });
});
