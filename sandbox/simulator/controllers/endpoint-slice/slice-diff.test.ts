import { describe, expect, it } from "vitest";
import type { Endpoint, EndpointSlice } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import type { PortGroup } from "./desired";
import { diffSlices } from "./slice-diff";

const PORTS = [{ name: "", port: 80, protocol: "TCP" }];

function endpoint(name: string, ready = true): Endpoint {
  return { addresses: [`10.244.1.${name.length}`], conditions: { ready }, targetRef: { kind: "Pod", name, uid: name } };
}

function slice(name: string, endpoints: Endpoint[], ports = PORTS): Stored<EndpointSlice> {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    addressType: "IPv4",
    endpoints,
    ports,
  };
}

const group = (...endpoints: Endpoint[]): PortGroup => ({ ports: PORTS, endpoints });
const names = (endpoints: readonly Endpoint[] | undefined) => endpoints?.map(({ targetRef }) => targetRef?.name);

describe("diffSlices", () => {
  it("makes one empty slice for a Service without endpoints, and leaves it be", () => {
    expect(diffSlices([], [])).toEqual({ create: [{ ports: [], endpoints: [] }], update: [], delete: [] });
    expect(diffSlices([slice("a", [], [])], [])).toEqual({ create: [], update: [], delete: [] });
  });

  it("fills the empty slice instead of making another", () => {
    const diff = diffSlices([slice("a", [], [])], [group(endpoint("web"))]);
    expect(diff.create).toEqual([]);
    expect(diff.delete).toEqual([]);
    expect(diff.update.map(({ slice: each, content }) => [each.metadata.name, names(content.endpoints)])).toEqual([
      ["a", ["web"]],
    ]);
  });

  it("writes nothing when all is as it should be", () => {
    const diff = diffSlices([slice("a", [endpoint("x"), endpoint("yy")])], [group(endpoint("yy"), endpoint("x"))]);
    expect(diff).toEqual({ create: [], update: [], delete: [] });
  });

  it("updates in place what became unready, came and went", () => {
    const diff = diffSlices(
      [slice("a", [endpoint("x"), endpoint("yy")])],
      [group(endpoint("x", false), endpoint("zzz"))],
    );
    expect(names(diff.update[0]?.content.endpoints)).toEqual(["x", "zzz"]);
    expect(diff.update[0]?.content.endpoints?.[0]?.conditions?.ready).toBe(false);
  });

  it("splits beyond a hundred endpoints, and drops the slice that is emptied", () => {
    const many = Array.from({ length: 130 }, (_, index) => endpoint(`pod-${index}`));
    const diff = diffSlices([], [group(...many)]);
    expect(diff.create.map(({ endpoints }) => endpoints?.length)).toEqual([100, 30]);
    const [first = [], second = []] = diff.create.map(({ endpoints }) => endpoints);
    const after = diffSlices([slice("a", first), slice("b", second)], [group(...many.slice(0, 50))]);
    expect(after.delete.map(({ metadata }) => metadata.name)).toEqual(["b"]);
    expect(after.update.map(({ content }) => content.endpoints?.length)).toEqual([50]);
  });

  it("keeps pods with other ports in slices of their own", () => {
    const other = { ports: [{ name: "", port: 8080, protocol: "TCP" }], endpoints: [endpoint("odd")] };
    const diff = diffSlices([], [group(endpoint("x")), other]);
    expect(diff.create.map(({ ports }) => ports?.[0]?.port)).toEqual([80, 8080]);
  });
});
