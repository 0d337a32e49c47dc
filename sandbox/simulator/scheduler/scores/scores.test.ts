import { describe, expect, it } from "vitest";
import type { Node, Pod, PodSpec, Service } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { NodeInfo } from "../node-info";
import { podRequests } from "../resource-requests";
import { totalScores } from "./scores";

const CONTAINER = { name: "main", image: "nginx:1.27" };
const TWO_CORES = { cpu: "2", memory: "20Gi", pods: "110" };

describe("the scores of nodes for a pod", () => {
  it("are even where nothing differs, so that chance decides", () => {
    expect(scores(pod("new"), [node("a"), node("b")])).toEqual([397, 397]);
  });

  it("keep pods of one ReplicaSet apart, more than free resources draw them together", () => {
    const large = { requests: { cpu: "500m" } };
    const web = (name: string, spec: Partial<PodSpec> = {}) => pod(name, spec, { owner: "web" });
    const [near, far] = scores(web("new"), [
      node("a", [web("old")]),
      node("b", [pod("other", { containers: [{ ...CONTAINER, resources: large }] })]),
    ]);
    expect(near).toBeLessThan(far ?? 0);
  });

  it("keep pods of one Service apart that no controller has made", () => {
    const labels = { app: "web" };
    const nodes = [node("a", [pod("old", {}, { labels })]), node("b", [pod("other", {}, { labels: { app: "db" } })])];
    const service = { spec: { selector: labels } };
    expect(
      scores(pod("new", {}, { labels }), nodes, [service]).map((score, _, all) => score === Math.max(...all)),
    ).toEqual([false, true]);
    const [first, second] = scores(pod("new", {}, { labels }), nodes);
    expect(first).toBe(second);
  });

  it("count a container that asks for nothing as asking for a little", () => {
    const [empty, full] = scores(pod("new"), [node("a"), node("b", [pod("x"), pod("y")])]);
    // 200m of 2 cores and 400 MiB of 20 GiB, averaged.
    expect((empty ?? 0) - (full ?? 0)).toBe(6);
  });

  it("prefer the node whose CPU and memory are used alike, unless the pod asks for neither", () => {
    const asking = (cpu: string, memory: string) => ({
      containers: [{ ...CONTAINER, resources: { requests: { cpu, memory } } }],
    });
    const nodes = [node("a", [pod("x", asking("1", "0"))]), node("b", [pod("y", asking("500m", "5Gi"))])];
    const asks = scores(pod("new", asking("100m", "1Gi")), nodes);
    expect((asks[1] ?? 0) - (asks[0] ?? 0)).toBe(25);
    expect(scores(pod("new"), nodes)).toEqual([372, 372]);
  });

  it("prefer the node that has a large image, under the name the node gives it", () => {
    const images = [{ names: ["docker.io/library/nginx:1.27"], sizeBytes: 1024 ** 3 }];
    const nodes = [node("a"), node("b", [], { images })];
    const whole = scores(pod("new", { containers: [{ name: "main", image: "docker.io/library/nginx:1.27" }] }), nodes);
    expect((whole[1] ?? 0) - (whole[0] ?? 0)).toBe(50);
    const short = scores(pod("new"), nodes);
    expect(short[0]).toBe(short[1]);
  });

  it("heed what pods on a node wish of the newcomer, as what it wishes of them", () => {
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
    const wish = [{ weight: 10, podAffinityTerm: term }];
    const shy = pod("shy", {
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish } },
    });
    const nodes = [node("a", [shy]), node("b", [pod("other")])];
    const [near, far] = scores(pod("new", {}, { labels: { app: "web" } }), nodes);
    expect((far ?? 0) - (near ?? 0)).toBe(200);
  });
});

function scores(candidate: Stored<Pod>, nodes: readonly NodeInfo[], services: readonly Service[] = []): number[] {
  const surroundings = { services: () => services.map(stored), namespace: () => undefined };
  const requests = podRequests(candidate);
  return totalScores({ candidate: { pod: candidate, requests }, fitting: nodes, nodes, surroundings });
}

function stored(service: Service): Stored<Service> {
  return { ...service, apiVersion: "v1", kind: "Service", metadata: metadata("service") };
}

function metadata(name: string) {
  return { name, namespace: "default", uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
}

function node(name: string, pods: readonly Stored<Pod>[] = [], status: Node["status"] = {}): NodeInfo {
  const labels = { "kubernetes.io/hostname": name };
  const object: Stored<Node> = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { ...metadata(name), labels },
    status: { allocatable: TWO_CORES, ...status },
  };
  return NodeInfo.of(object, pods);
}

function pod(
  name: string,
  spec: Partial<PodSpec> = {},
  { owner, labels }: { owner?: string; labels?: Record<string, string> } = {},
): Stored<Pod> {
  const reference = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: owner ?? "",
    uid: owner ?? "",
    controller: true,
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata(name), labels, ...(owner && { ownerReferences: [reference] }) },
    spec: { containers: [CONTAINER], ...spec },
  };
}
