import { duplicateValue, forbiddenValue, invalidValue, requiredValue, type FieldError } from "../api/field-error";
import type { Service, ServiceSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { nonNegative, oneOf, portNumber } from "./field-rules";
import { CIDR_RULE, IP_RULE, isCIDR, isIP } from "./ip";
import { validateLabels } from "./metadata";
import { labelNameFaults, portNameFaults, subdomainFaults } from "./names";
import { hasClusterIP, isHeadless, validateAllocation } from "./service-allocation";
import type { StrategyContext } from "./strategy";

export function validateService(
  { spec }: Service,
  old: Stored<Service> | undefined,
  context: StrategyContext,
): FieldError[] {
  if (!spec) return [requiredValue("spec.ports")];
  const errors = [...validateType(spec), ...validatePorts(spec), ...validateLabels(spec.selector, "spec.selector")];
  errors.push(...oneOf("spec.sessionAffinity", spec.sessionAffinity, ["ClientIP", "None"]));
  errors.push(...validateAddresses(spec));
  if (errors.length === 0) errors.push(...validateAllocation(spec, old, context));
  return errors;
}

function validateType(spec: ServiceSpec): FieldError[] {
  const errors = oneOf("spec.type", spec.type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
  if (spec.type === "ExternalName") {
    if (spec.clusterIP) errors.push(forbiddenValue("spec.clusterIPs", "may not be set for ExternalName services"));
    const name = spec.externalName ?? "";
    if (name === "") errors.push(requiredValue("spec.externalName"));
    else
      errors.push(
        ...subdomainFaults(name.replace(/\.$/, "")).map((fault) => invalidValue("spec.externalName", name, fault)),
      );
  }
  if (spec.type === "NodePort" && isHeadless(spec))
    errors.push(invalidValue("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"));
  if (spec.type === "LoadBalancer" && isHeadless(spec)) {
    errors.push(invalidValue("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services"));
  }
  spec.loadBalancerSourceRanges?.forEach((range, index) => {
    if (!isCIDR(range.trim())) errors.push(invalidValue(`spec.LoadBalancerSourceRanges[${index}]`, range, CIDR_RULE));
  });
  return errors;
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const ports = spec.ports ?? [];
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== "ExternalName") errors.push(requiredValue("spec.ports"));
  const names = new Set<string>();
  const seen = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    if (!port.name) {
      if (ports.length > 1) errors.push(requiredValue(`${at}.name`));
    } else {
      errors.push(...labelNameFaults(port.name).map((fault) => invalidValue(`${at}.name`, port.name, fault)));
      if (names.has(port.name)) errors.push(duplicateValue(`${at}.name`, port.name));
      names.add(port.name);
    }
    errors.push(...portNumber(`${at}.port`, port.port));
    errors.push(...oneOf(`${at}.protocol`, port.protocol, ["SCTP", "TCP", "UDP"]));
    if (typeof port.targetPort === "number") errors.push(...portNumber(`${at}.targetPort`, port.targetPort));
    else if (port.targetPort !== undefined) {
      errors.push(
        ...portNameFaults(port.targetPort).map((fault) => invalidValue(`${at}.targetPort`, port.targetPort, fault)),
      );
    }
    if (spec.type === "ClusterIP" && port.nodePort) {
      errors.push(forbiddenValue(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
    const identity = `${port.protocol ?? ""}/${port.port}`;
    if (seen.has(identity)) errors.push(duplicateValue(at, { protocol: port.protocol, port: port.port }));
    seen.add(identity);
  });
  return errors;
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (hasClusterIP(spec)) {
    spec.clusterIPs?.forEach((address, index) => {
      if (address !== "None" && !isIP(address))
        errors.push(invalidValue(`spec.clusterIPs[${index}]`, address, IP_RULE));
    });
  }
  spec.externalIPs?.forEach((address, index) => {
    if (!isIP(address)) errors.push(invalidValue(`spec.externalIPs[${index}]`, address, IP_RULE));
  });
  errors.push(...nonNegative("spec.healthCheckNodePort", spec.healthCheckNodePort));
  return errors;
}

export function validateServiceUpdate({ spec }: Service, old: Stored<Service>): FieldError[] {
  const before = old.spec;
  if (!spec || !before || !hasClusterIP(spec) || !hasClusterIP(before)) return [];
  if (before.clusterIPs?.[0] === spec.clusterIPs?.[0]) return [];
  return [invalidValue("spec.clusterIPs[0]", spec.clusterIPs, "may not change once set")];
}
