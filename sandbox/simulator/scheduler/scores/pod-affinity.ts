import type { Pod, PodAffinityTerm } from "../../api/generated/kubernetes";
import { domainOf, termMatches } from "../affinity-term";
import type { Choice } from "./scores";

/** What a pod's wish to be where others must be is worth. */
const REQUIRED_WEIGHT = 1;

/** Near to the pods it would like to be near to, away from the others; and as the pods there would like it. */
export function podAffinity({ candidate: { pod }, fitting, nodes, surroundings }: Choice): number[] | undefined {
  const weights = new Map<string, number>();
  const own = wishesOf(pod);
  for (const { node, pods, withAffinity } of nodes) {
    const add = ({ weight, term }: Wish, owner: Pod, other: Pod) => {
      const domain = domainOf(node, term.topologyKey);
      if (domain === undefined || !termMatches(term, owner, other, surroundings.namespace)) return;
      weights.set(domain, (weights.get(domain) ?? 0) + weight);
    };
    for (const other of own.length > 0 ? pods : []) for (const wish of own) add(wish, pod, other);
    for (const other of withAffinity) {
      for (const wish of [...wishesOf(other), ...needsOf(other)]) add(wish, other, pod);
    }
  }
  if (weights.size === 0) return undefined;
  const sums = fitting.map(({ node }) =>
    Object.keys(node.metadata.labels ?? {}).reduce(
      (sum, key) => sum + (weights.get(domainOf(node, key) ?? "") ?? 0),
      0,
    ),
  );
  const [least, most] = [Math.min(...sums), Math.max(...sums)];
  return sums.map((sum) => (most === least ? 0 : Math.floor((100 * (sum - least)) / (most - least))));
}

interface Wish {
  readonly weight: number;
  readonly term: PodAffinityTerm;
}

function wishesOf({ spec }: Pod): Wish[] {
  const near = spec?.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const apart = spec?.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...near.map(({ weight, podAffinityTerm: term }) => ({ weight, term })),
    ...apart.map(({ weight, podAffinityTerm: term }) => ({ weight: -weight, term })),
  ];
}

function needsOf({ spec }: Pod): Wish[] {
  const near = spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return near.map((term) => ({ weight: REQUIRED_WEIGHT, term }));
}
