import fc from "fast-check";
import type { ClaimOperation } from "./claims";

/** What somebody may do to a cluster at any moment, as data: what fast-check prints when it finds something. */
export type Operation =
  | { readonly do: "create" | "scale" | "update" | "autoscale"; readonly of: Workload; readonly count: number }
  | { readonly do: "delete"; readonly of: Workload; readonly how: "Background" | "Foreground" | "Orphan" }
  | { readonly do: "spoil" | "mend" | "quarrel" | "own"; readonly of: Workload }
  | { readonly do: "kill" | "evict" | "crash" | "relabel" | "hold" | "force"; readonly pick: number }
  | { readonly do: "cordon" | "uncordon" | "taint" | "untaint" | "drain" | "silence" | "wake"; readonly node: string }
  | { readonly do: "found" | "abolish" | "define" | "undefine" | "instantiate" | "lock" }
  | { readonly do: "registry-down" | "registry-up" }
  | { readonly do: ClaimOperation; readonly pick: number }
  | { readonly do: "suspend" | "resume"; readonly of: Workload }
  | { readonly do: "wait"; readonly ms: number };

export interface Workload {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly namespace: string;
}

export const WORKLOAD_KINDS = ["deployment", "statefulset", "daemonset", "job", "cronjob"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export const WORKERS = ["kind-worker", "kind-worker2"];

const name = fc.constantFrom("a", "b");
const home = fc.record({ kind: fc.constantFrom(...WORKLOAD_KINDS), name, namespace: fc.constant("default") });
const away = fc.record({ kind: fc.constantFrom(...WORKLOAD_KINDS), name, namespace: fc.constant("extra") });
const job = fc.record({ kind: fc.constant("job" as const), name, namespace: fc.constant("default") });
const workload = fc.oneof({ weight: 5, arbitrary: home }, { weight: 1, arbitrary: away });
const count = fc.integer({ min: 0, max: 4 });
const node = fc.constantFrom(...WORKERS);
const pick = fc.nat(99);

/** Any of `what`, each as likely as the others. */
function doing<T extends Operation["do"]>(...what: T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...what);
}

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: doing("create"), of: workload, count }) },
  { weight: 8, arbitrary: fc.record({ do: doing("scale", "update"), of: workload, count }) },
  { weight: 1, arbitrary: fc.record({ do: doing("autoscale"), of: home, count }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: doing("delete"),
      of: workload,
      how: fc.constantFrom("Background" as const, "Foreground" as const, "Orphan" as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: doing("spoil", "mend", "quarrel", "own"), of: workload }) },
  { weight: 9, arbitrary: fc.record({ do: doing("kill", "evict", "crash", "relabel", "hold", "force"), pick }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: doing("cordon", "uncordon", "uncordon", "taint", "untaint", "untaint", "drain", "silence", "wake", "wake"),
      node,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: doing("found", "abolish", "define", "undefine", "instantiate", "lock") }),
  },
  { weight: 3, arbitrary: fc.record({ do: doing("claim", "use", "unclaim"), pick }) },
  { weight: 2, arbitrary: fc.record({ do: doing("suspend", "resume"), of: job }) },
  { weight: 1, arbitrary: fc.record({ do: doing("registry-down", "registry-up", "registry-up") }) },
  { weight: 8, arbitrary: fc.record({ do: doing("wait"), ms: fc.integer({ min: 0, max: 5000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: doing("wait"), ms: fc.integer({ min: 5000, max: 400_000 }) }) },
);
