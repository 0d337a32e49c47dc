import type { Namespace, NetworkPolicy, Pod } from "../../api/generated/kubernetes";
import type { Informer, Lister } from "../../client/informer";
import type { HostLabel, Hop } from "../network";
import { nodeOf, type Flow, type FlowFilter } from "../routing";
import {
  compilePolicy,
  type CompiledPolicy,
  type DestinationPort,
  type Direction,
  type Party,
} from "./compiled-policy";

export interface PolicyFilterOptions {
  readonly policies: Informer<NetworkPolicy>;
  readonly pods: Lister<Pod>;
  readonly namespaces: Lister<Namespace>;
}

type Verdict = ReturnType<FlowFilter["judge"]>;

/**
 * Enforces NetworkPolicies on new flows; what is established goes on, and answers need no rule of their own. A pod
 * always reaches itself and its node, and its node always reaches it. Policies are read anew at the first flow after
 * one changed.
 */
export class PolicyFilter implements FlowFilter {
  readonly #options: PolicyFilterOptions;
  readonly #unsubscribe: () => void;
  #byNamespace: ReadonlyMap<string, readonly CompiledPolicy[]> | undefined;

  constructor(options: PolicyFilterOptions) {
    this.#options = options;
    const stale = (): void => {
      this.#byNamespace = undefined;
    };
    this.#unsubscribe = options.policies.addHandler({ added: stale, updated: stale, deleted: stale });
  }

  stop(): void {
    this.#unsubscribe();
  }

  judge({ protocol, source, target }: Flow, destination: HostLabel | undefined): Verdict {
    const policies = (this.#byNamespace ??= this.#compile());
    if (policies.size === 0 || source.address === target.address) return undefined;
    if (destination && isNodeOf(source.label, destination)) return undefined;
    const from = this.#party(source.address, source.label);
    const to = this.#party(target.address, destination);
    const port: DestinationPort = { protocol, number: target.port, pod: to.pod?.object };
    const hops: Hop[] = [];
    for (const [direction, subject, peer] of [
      ["egress", from, to],
      ["ingress", to, from],
    ] as const) {
      const about = subjectPolicies(policies, direction, subject);
      if (about.length === 0) continue;
      const allowing = about.filter((policy) => policy.allows(direction, peer, port));
      const deciding = allowing.length > 0 ? allowing : about;
      hops.push({
        kind: "policy",
        detail: {
          verdict: allowing.length > 0 ? "allowed" : "denied",
          direction,
          pod: `${subject.pod?.namespace ?? ""}/${subject.pod?.object.metadata.name ?? ""}`,
          policies: deciding.map(({ key }) => key).join(","),
        },
      });
      if (allowing.length === 0) {
        return { kind: "drop", hops: [...hops, { kind: "dropped", detail: { reason: "network-policy" } }] };
      }
    }
    return hops.length > 0 ? { kind: "allow", hops } : undefined;
  }

  /** The pod is looked up anew each time: its labels, and its namespace's, may have changed since it started. */
  #party(address: string, label: HostLabel | undefined): Party {
    if (label?.kind !== "pod") return { address, pod: undefined };
    const slash = label.name.indexOf("/");
    const namespace = label.name.slice(0, slash);
    const object = this.#options.pods.get(namespace, label.name.slice(slash + 1));
    if (!object) return { address, pod: undefined };
    const namespaceLabels = this.#options.namespaces.get("", namespace)?.metadata.labels ?? {};
    return { address, pod: { namespace, namespaceLabels, object } };
  }

  #compile(): ReadonlyMap<string, readonly CompiledPolicy[]> {
    const byNamespace = new Map<string, CompiledPolicy[]>();
    for (const policy of this.#options.policies.list().map(compilePolicy)) {
      byNamespace.set(policy.namespace, [...(byNamespace.get(policy.namespace) ?? []), policy]);
    }
    return byNamespace;
  }
}

function subjectPolicies(
  policies: ReadonlyMap<string, readonly CompiledPolicy[]>,
  direction: Direction,
  { pod }: Party,
): readonly CompiledPolicy[] {
  if (!pod) return [];
  return (policies.get(pod.namespace) ?? []).filter(
    (policy) => policy.directions.has(direction) && policy.selects(pod.object.metadata.labels),
  );
}

/** A pod and the node it runs on, either way round. */
function isNodeOf(a: HostLabel, b: HostLabel): boolean {
  return (a.kind === "node" || b.kind === "node") && nodeOf(a) === nodeOf(b);
}
