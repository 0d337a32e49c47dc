import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from "../../api/generated/kubernetes";
import { matchesLabels, selectorFrom, type Labels, type Selector } from "../../api/labels";
import type { Stored } from "../../api/object";
import { inCidr, parseCidr, type Cidr } from "../address";
import type { Protocol } from "../routing";

/** One side of a flow as policies see it; a pod on its node's network has no `pod` here, nor has the outside. */
export interface Party {
  readonly address: string;
  readonly pod:
    { readonly namespace: string; readonly namespaceLabels: Labels; readonly object: Stored<Pod> } | undefined;
}

export type Direction = "ingress" | "egress";

/** A NetworkPolicy made ready for many questions. */
export interface CompiledPolicy {
  /** `namespace/name` */
  readonly key: string;
  readonly namespace: string;
  readonly directions: ReadonlySet<Direction>;
  selects(labels: Labels | undefined): boolean;
  /** Whether a rule of that direction lets the flow through; `peer` is the side that the policy is not about. */
  allows(direction: Direction, peer: Party, port: DestinationPort): boolean;
}

/** What the flow is for. Named ports are those that the destination's containers declare. */
export interface DestinationPort {
  readonly protocol: Protocol;
  readonly number: number;
  readonly pod: Pod | undefined;
}

interface Rule {
  /** Empty: everybody. */
  readonly peers: readonly ((peer: Party) => boolean)[];
  /** Empty: every port of every protocol. */
  readonly ports: readonly NetworkPolicyPort[];
}

/** https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
export function compilePolicy({ metadata, spec }: Stored<NetworkPolicy>): CompiledPolicy {
  const namespace = metadata.namespace ?? "";
  const compilePeers = (peers: readonly NetworkPolicyPeer[] | undefined) =>
    (peers ?? []).map((peer) => compilePeer(peer, namespace));
  const rules: Readonly<Record<Direction, readonly Rule[]>> = {
    ingress: (spec?.ingress ?? []).map(({ from, ports }) => ({ peers: compilePeers(from), ports: ports ?? [] })),
    egress: (spec?.egress ?? []).map(({ to, ports }) => ({ peers: compilePeers(to), ports: ports ?? [] })),
  };
  const selector = selectorFrom(spec?.podSelector ?? {}) ?? [];
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    directions: directionsOf(spec),
    selects: (labels) => matchesLabels(selector, labels),
    allows: (direction, peer, port) =>
      rules[direction].some(
        ({ peers, ports }) =>
          (peers.length === 0 || peers.some((matches) => matches(peer))) &&
          (ports.length === 0 || ports.some((each) => portMatches(each, port))),
      ),
  };
}

function directionsOf(spec: NetworkPolicy["spec"]): ReadonlySet<Direction> {
  const types = spec?.policyTypes ?? ["Ingress", ...((spec?.egress?.length ?? 0) > 0 ? ["Egress"] : [])];
  return new Set(types.flatMap((type) => (type === "Ingress" ? "ingress" : type === "Egress" ? "egress" : [])));
}

function compilePeer({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, own: string) {
  if (ipBlock) return compileBlock(ipBlock);
  const pods = selectorFrom(podSelector) ?? [];
  const namespaces: Selector | undefined = selectorFrom(namespaceSelector);
  return ({ pod }: Party): boolean => {
    if (!pod) return false;
    const inNamespace = namespaces ? matchesLabels(namespaces, pod.namespaceLabels) : pod.namespace === own;
    return inNamespace && matchesLabels(pods, pod.object.metadata.labels);
  };
}

function compileBlock({ cidr, except }: IPBlock) {
  const range = readCidr(cidr);
  const holes = (except ?? []).flatMap((each) => readCidr(each) ?? []);
  return ({ address }: Party): boolean =>
    range !== undefined && inCidr(range, address) && !holes.some((hole) => inCidr(hole, address));
}

// A block of IPv6 addresses matches nothing on this network.
function readCidr(text: string): Cidr | undefined {
  return text.includes(":") ? undefined : parseCidr(text);
}

function portMatches({ protocol = "TCP", port, endPort }: NetworkPolicyPort, asked: DestinationPort): boolean {
  if (protocol !== asked.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "number") return asked.number >= port && asked.number <= (endPort ?? port);
  return (asked.pod?.spec?.containers ?? []).some((container) =>
    (container.ports ?? []).some(
      (each) => each.name === port && (each.protocol ?? "TCP") === protocol && each.containerPort === asked.number,
    ),
  );
}
