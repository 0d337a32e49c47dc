import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from "../api/generated/kubernetes";
import { asSent } from "./as-sent";
import { ageCell, firstThree, nameCell, selectorCell } from "./cells";
import {
  validateIngress,
  validateIngressClass,
  validateIngressClassUpdate,
  validateIngressUpdate,
} from "./ingress-validation";
import { validateNetworkPolicy } from "./network-policy-validation";
import { columns, type Strategy } from "./strategy";

/** https://kubernetes.io/docs/concepts/services-networking/ingress/ */
export const ingressStrategy: Strategy<Ingress> = {
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  printer: {
    columns: columns("Name", "Class", "Hosts", "Address", "Ports", "Age"),
    row: (ingress, now) => {
      const hosts = (ingress.spec?.rules ?? []).map(({ host }) => host ?? "").filter((host) => host !== "");
      const addresses = (ingress.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
      return [
        nameCell(ingress),
        ingress.spec?.ingressClassName ?? "<none>",
        firstThree(hosts, "*"),
        addresses.join(","),
        (ingress.spec?.tls ?? []).length > 0 ? "80, 443" : "80",
        ageCell(ingress, now),
      ];
    },
  },
};

export const ingressClassStrategy: Strategy<IngressClass> = {
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= "Cluster";
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  printer: {
    columns: columns("Name", "Controller", "Parameters", "Age"),
    row: (ingressClass, now) => {
      const { apiGroup, kind, name } = ingressClass.spec?.parameters ?? {};
      const parameters = kind ? `${kind}${apiGroup ? `.${apiGroup}` : ""}/${name ?? ""}` : "<none>";
      return [nameCell(ingressClass), ingressClass.spec?.controller ?? "", parameters, ageCell(ingressClass, now)];
    },
  },
};

/** https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
export const networkPolicyStrategy: Strategy<NetworkPolicy> = {
  defaults({ spec }) {
    if (!spec) return;
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ||= "TCP";
    }
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate: validateNetworkPolicy,
  printer: {
    columns: columns("Name", "Pod-Selector", "Age"),
    row: (policy, now) => [nameCell(policy), selectorCell(policy.spec?.podSelector), ageCell(policy, now)],
  },
};

const NOBODY = { group: "", resource: "", namespace: "", name: "" };

export const ipAddressStrategy: Strategy<IPAddress> = {
  printer: {
    columns: columns("Name", "ParentRef"),
    row: (address) => {
      const { group, resource, namespace, name } = asSent(address.spec.parentRef) ?? NOBODY;
      const parts = [resource + (group ? `.${group}` : ""), ...(namespace ? [namespace] : []), name];
      return [nameCell(address), parts.join("/")];
    },
  },
};

export const serviceCidrStrategy: Strategy<ServiceCIDR> = {
  printer: {
    columns: columns("Name", "CIDRs", "Age"),
    row: (cidr, now) => [nameCell(cidr), (cidr.spec?.cidrs ?? []).join(","), ageCell(cidr, now)],
  },
};
