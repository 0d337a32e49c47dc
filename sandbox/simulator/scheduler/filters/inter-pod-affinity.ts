import type { PodAffinityTerm } from "../../api/generated/kubernetes";
import { domainOf, termMatches, type Namespaces } from "../affinity-term";
import type { Candidate, Filter, NodeState } from "./filter";

/**
 * Refuses nodes that are not near the pods a pod must be near, or near those it must not be near, or whose pods do not
 * want it near. The cluster is looked through once for each pod.
 */
export function interPodAffinity({ pod }: Candidate, nodes: readonly NodeState[], namespaces: Namespaces): Filter {
  const near = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const [wanted, avoided, unwelcome] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { node, pods, keepingApart } of nodes) {
    const add = (domains: Set<string>, { topologyKey }: PodAffinityTerm) => {
      const domain = domainOf(node, topologyKey);
      if (domain !== undefined) domains.add(domain);
    };
    for (const other of near.length + apart.length > 0 ? pods : []) {
      const isNear = near.length > 0 && near.every((term) => termMatches(term, pod, other, namespaces));
      if (isNear) for (const term of near) add(wanted, term);
      for (const term of apart) if (termMatches(term, pod, other, namespaces)) add(avoided, term);
    }
    for (const other of keepingApart) {
      const theirs = other.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      for (const term of theirs) if (termMatches(term, other, pod, namespaces)) add(unwelcome, term);
    }
  }
  // The first of a group that wants to be together has nobody to be near to.
  const isFirst = wanted.size === 0 && near.every((term) => termMatches(term, pod, pod, namespaces));
  return (_, { node }) => {
    const domains = near.map(({ topologyKey }) => domainOf(node, topologyKey));
    const isNear = domains.every((domain) => domain !== undefined && (isFirst || wanted.has(domain)));
    if (!isNear) return { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false };
    const isIn = (set: ReadonlySet<string>, key: string) => {
      const domain = domainOf(node, key);
      return domain !== undefined && set.has(domain);
    };
    if (apart.some(({ topologyKey }) => isIn(avoided, topologyKey))) {
      return { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true };
    }
    if ([...unwelcome].some((domain) => isIn(unwelcome, domain.slice(0, domain.indexOf("="))))) {
      return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"], resolvable: true };
    }
    return undefined;
  };
}
