import { describe, expect, it } from "vitest";
import type { Node, Pod, PodSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { SeededRandom } from "../random";
import type { NodeState } from "./filters/filter";
import { NodeInfo } from "./node-info";
import { interPodAffinity } from "./filters/inter-pod-affinity";
import { podTopologySpread } from "./filters/pod-topology-spread";
import { place } from "./placement";
import { podRequests } from "./resource-requests";

const WEB = { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "zone" };

describe("placing a pod by the pods that are there", () => {
  it("goes where the pods are that it must be near to, and says so where there are none", () => {
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [WEB] } };
    const near = pod({ affinity }, { app: "cache" });
    expect(where(near, [node("a", "east"), node("b", "west", [pod({}, { app: "web" })])])).toBe("b");
    expect(where(near, [node("a", "east"), node("b", "west")])).toContain(
      "0/2 nodes are available: 2 node(s) didn't match pod affinity rules.",
    );
    const first = pod({ affinity }, { app: "web" });
    expect(where(first, [node("a", "east")])).toBe("a");
  });

  it("keeps away from pods it must not be near to, and from those that do not want it", () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [WEB] } };
    const web = pod({ affinity }, { app: "web" });
    expect(where(web, [node("a", "east", [web]), node("b", "west")])).toBe("b");
    expect(where(web, [node("a", "east", [web]), node("b", "west", [web])])).toBe(
      "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, " +
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
    );
    const plain = pod({}, { app: "web" });
    expect(where(plain, [node("a", "east", [web])])).toContain(
      "1 node(s) didn't satisfy existing pods anti-affinity rules.",
    );
  });

  it("spreads evenly over domains, and refuses a node that has none", () => {
    const constraint = {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "web" } },
    };
    const web = pod({ topologySpreadConstraints: [constraint] }, { app: "web" });
    expect(where(web, [node("a", "east", [web]), node("b", "west")])).toBe("b");
    const full = [node("a", "east", [web]), node("b", "west", [], { unschedulable: true }), node("c", undefined)];
    expect(where(web, full)).toContain(
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, " +
        "1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) were unschedulable.",
    );
  });
});

function where(pod: Stored<Pod>, nodes: readonly NodeState[]): string {
  const candidate = { pod, requests: podRequests(pod) };
  const result = place(candidate, nodes, new SeededRandom(1), (states) => [
    ["PodTopologySpread", podTopologySpread(candidate, states)],
    ["InterPodAffinity", interPodAffinity(candidate, states, () => undefined)],
  ]);
  return result.kind === "node" ? result.name : result.message;
}

let count = 0;

function pod(spec: Partial<PodSpec>, labels: Record<string, string>): Stored<Pod> {
  const name = `pod-${++count}`;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels, uid: name, resourceVersion: "1", creationTimestamp: "" },
    spec: { containers: [{ name: "main", image: "nginx" }], ...spec },
  };
}

function node(name: string, zone?: string, pods: Stored<Pod>[] = [], spec: Node["spec"] = {}): NodeState {
  const labels: Record<string, string> = zone === undefined ? {} : { zone };
  const metadata = { name, labels, uid: name, resourceVersion: "1", creationTimestamp: "" };
  const allocatable = { cpu: "2", memory: "1Gi", pods: "110" };
  const stored: Stored<Node> = { apiVersion: "v1", kind: "Node", metadata, spec, status: { allocatable } };
  return NodeInfo.of(stored, pods);
}
