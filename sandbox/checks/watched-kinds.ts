import type { Check, CheckKind } from "../protocol/checks";

export const CLUSTER_SCOPED: ReadonlySet<CheckKind> = new Set<CheckKind>(["Namespace", "Node"]);

/** The kinds that these checks and the explanations of their failures look at. */
export function watchedKinds(checks: readonly Check[]): CheckKind[] {
  const kinds = new Set<CheckKind>(["Namespace"]);
  for (const check of checks) for (const kind of kindsOf(check)) kinds.add(kind);
  return [...kinds].sort();
}

function kindsOf(check: Check): CheckKind[] {
  switch (check.that) {
    case "exists":
    case "absent":
    case "field":
      return [check.object.kind];
    case "workloadReady":
    case "podReplaced":
      return [check.workload.kind, "ReplicaSet", "Pod"];
    case "serviceSelects":
      return check.workload ? ["Service", "Pod", "ReplicaSet", check.workload.kind] : ["Service", "Pod"];
    case "endpointsReady":
      return ["Service", "Pod", "EndpointSlice"];
  }
}
