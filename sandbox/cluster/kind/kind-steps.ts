import type { ClusterStep } from "../../protocol/codes";

/** What `kind create cluster` says when it begins a step: https://github.com/kubernetes-sigs/kind/tree/main/pkg/cluster/internal/create */
const STEPS: readonly [string, ClusterStep][] = [
  ["Ensuring node image", "image"],
  ["Preparing nodes", "nodes"],
  ["Starting control-plane", "control-plane"],
  ["Installing CNI", "cni"],
  ["Installing StorageClass", "storage"],
  ["Joining worker nodes", "workers"],
];

/** The step that a line of its output tells of, and whether it is behind. */
export function stepIn(line: string): { step: ClusterStep; done: boolean } | undefined {
  const found = STEPS.find(([text]) => line.includes(text));
  if (!found || line.includes("✗")) return undefined;
  return { step: found[1], done: line.includes("✓") };
}
