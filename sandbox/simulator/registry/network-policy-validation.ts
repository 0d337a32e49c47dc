import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../api/generated/kubernetes";
import { asSent } from "./as-sent";
import { portNumber, validateLabelSelector } from "./field-rules";
import { CIDR_RULE, isCIDR, isStrictSubnet } from "./ip";
import { portNameFaults } from "./names";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const POLICY_TYPES = ["Ingress", "Egress"];

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
export function validateNetworkPolicy({ spec = {} }: NetworkPolicy): FieldError[] {
  const errors = validateLabelSelector("spec.podSelector", spec.podSelector);
  spec.ingress?.forEach(({ ports = [], from = [] }, index) => {
    errors.push(...validateRule(ports, from, `spec.ingress[${index}]`, "from"));
  });
  spec.egress?.forEach(({ ports = [], to = [] }, index) => {
    errors.push(...validateRule(ports, to, `spec.egress[${index}]`, "to"));
  });
  const types = spec.policyTypes ?? [];
  if (types.length > POLICY_TYPES.length) {
    return [...errors, invalidValue("spec.policyTypes", types, "may not specify more than two policyTypes")];
  }
  types.forEach((type, index) => {
    if (!POLICY_TYPES.includes(type)) errors.push(notSupported(`spec.policyTypes[${index}]`, type, POLICY_TYPES));
  });
  return errors;
}

function validateRule(
  ports: readonly NetworkPolicyPort[],
  peers: readonly NetworkPolicyPeer[],
  path: string,
  side: "from" | "to",
): FieldError[] {
  return [
    ...ports.flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`)),
    ...peers.flatMap((peer, index) => validatePeer(peer, `${path}.${side}[${index}]`)),
  ];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const badEnd = (why: string): void => void errors.push(invalidValue(`${path}.endPort`, endPort, why));
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  }
  if (typeof port === "number") {
    errors.push(...portNumber(`${path}.port`, port));
    if (endPort !== undefined) {
      if (endPort < port) badEnd("must be greater than or equal to `port`");
      errors.push(...portNumber(`${path}.endPort`, endPort));
    }
  } else if (port !== undefined) {
    if (endPort !== undefined) badEnd("may not be specified when `port` is non-numeric");
    errors.push(...portNameFaults(port).map((fault) => invalidValue(`${path}.port`, port, fault)));
  } else if (endPort !== undefined) badEnd("may not be specified when `port` is not specified");
  return errors;
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(`${path}.podSelector`, podSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, namespaceSelector),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(requiredValue(path, "must specify a peer"));
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenValue(path, "may not specify both ipBlock and another peer"));
  }
  return errors;
}

function validateBlock(block: IPBlock, path: string): FieldError[] {
  const cidr = asSent(block.cidr) ?? "";
  if (cidr === "") return [requiredValue(`${path}.cidr`)];
  if (!isCIDR(cidr)) return [invalidValue(`${path}.cidr`, cidr, CIDR_RULE)];
  return (block.except ?? []).flatMap((except, index) => {
    const at = `${path}.except[${index}]`;
    if (!isCIDR(except)) return [invalidValue(at, except, CIDR_RULE)];
    return isStrictSubnet(except, cidr) ? [] : [invalidValue(at, except, "must be a strict subset of `cidr`")];
  });
}
