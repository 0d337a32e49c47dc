import { describe, expect, it } from "vitest";
import type { Node, Pod, PodSpec, Taint } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { SeededRandom } from "../random";
import type { NodeState } from "./filters/filter";
import { NodeInfo } from "./node-info";
import { place } from "./placement";
import { podRequests } from "./resource-requests";

const TAINT: Taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

describe("placing a pod", () => {
  it("names every reason, sorted, and what preemption had to say", () => {
    const big = pod({ containers: [container("500m", "500")] });
    expect(where(big, cluster())).toBe(
      "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient memory. no new claims to deallocate, " +
        "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
    );
    const impossible = pod({ containers: [container("500", "1")] });
    expect(where(impossible, cluster())).toBe(
      "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. no new claims to deallocate, " +
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ["a label no node has", { nodeSelector: { disk: "tape" } }, "2 node(s) didn't match Pod's node affinity/selector"],
    ["a term without expressions", { affinity: required({}) }, "2 node(s) didn't match Pod's node affinity/selector"],
  ])("refuses nodes for %s", (_, spec, reason) => {
    expect(where(pod(spec), cluster())).toContain(reason);
  });

  it("heeds node affinity, by labels and by name", () => {
    const byLabel = required({ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["b"] }] });
    expect(where(pod({ affinity: byLabel }), cluster())).toBe("b");
    const byName = required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["c"] }] });
    expect(where(pod({ affinity: byName }), cluster())).toBe("c");
  });

  it("refuses cordoned nodes and nodes whose taints are not tolerated", () => {
    const states = [node("a", [], { unschedulable: true }), node("b", [], { taints: [TAINT] })];
    expect(where(pod(), states)).toContain("1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.");
    expect(where(pod({ tolerations: [{ key: TAINT.key, operator: "Exists" }] }), states)).toBe("b");
    expect(where(pod({ tolerations: [{ operator: "Exists" }] }), states.slice(0, 1))).toBe("a");
  });

  it("refuses nodes where the host port is taken", () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    const web = pod({ containers: [{ name: "web", image: "nginx", ports }] });
    const states = [node("a", [web])];
    expect(where(web, states)).toContain("1 node(s) didn't have free ports for the requested pod ports.");
    const other = pod({
      containers: [{ name: "web", image: "nginx", ports: [{ containerPort: 80, hostPort: 8081 }] }],
    });
    expect(where(other, states)).toBe("a");
  });

  it("refuses nodes that are full of pods", () => {
    const many = Array.from({ length: 110 }, (_, index) => withUid(pod(), String(index)));
    expect(where(pod(), [node("a", many)])).toContain("0/1 nodes are available: 1 Too many pods.");
  });

  it("prefers the node with fewer pods of the same owner", () => {
    expect(where(pod(), [node("b", [pod()]), node("c", [])])).toBe("c");
    expect(where(pod(), [node("b", []), node("c", [pod()])])).toBe("b");
  });

  it("counts an init container only where it needs more than the others together", () => {
    const requests = podRequests(
      pod({
        initContainers: [container("2", "100")],
        containers: [container("500m", "200"), container("500m", "300")],
      }),
    );
    expect([requests.get("cpu"), requests.get("memory")]).toEqual([2000, 500]);
  });
});

function where(candidate: Stored<Pod>, states: readonly NodeState[]): string {
  const placement = place({ pod: candidate, requests: podRequests(candidate) }, states, new SeededRandom(1));
  return placement.kind === "node" ? placement.name : placement.message;
}

function cluster(): NodeState[] {
  const neighbour = pod({ containers: [container("100m", "600")] });
  return [node("a", [], { taints: [TAINT] }), node("b", [neighbour]), node("c", [neighbour])];
}

function node(name: string, pods: readonly Stored<Pod>[], spec: Node["spec"] = {}): NodeState {
  const labels = { "kubernetes.io/hostname": name };
  const stored: Stored<Node> = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec,
    status: { allocatable: { cpu: "2", memory: "1000", pods: "110" } },
  };
  return NodeInfo.of(stored, pods);
}

function pod(spec: Partial<PodSpec> = {}): Stored<Pod> {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "owner", controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "web",
      namespace: "default",
      uid: "1",
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
      ownerReferences: [owner],
    },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  };
}

function withUid(pod: Stored<Pod>, uid: string): Stored<Pod> {
  return { ...pod, metadata: { ...pod.metadata, uid } };
}

function container(cpu: string, memory: string) {
  return { name: "web", image: "nginx", resources: { requests: { cpu, memory } } };
}

function required(term: object): PodSpec["affinity"] {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } };
}
