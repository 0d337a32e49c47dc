import {
  duplicateValue,
  invalidValue,
  notFoundValue,
  notSupported,
  requiredValue,
  type FieldError,
} from "../api/field-error";
import type { Container, ContainerPort, Pod, PodSpec } from "../api/generated/kubernetes";
import { compareQuantities, parseQuantity, QUANTITY_RULE } from "../api/quantity";
import { nonNegative, oneOf, portNumber } from "./field-rules";
import { validateEnvironment } from "./env-validation";
import { IP_RULE, isIP } from "./ip";
import { labelNameFaults, portNameFaults, qualifiedNameFaults, subdomainFaults } from "./names";
import { validateHandler, validateProbes } from "./probe-validation";
import { validatePlacement } from "./scheduling-validation";
import { relativePath, validateVolumes } from "./volume-validation";

export function validatePod(pod: Pod): FieldError[] {
  return validatePodSpec(pod.spec, "spec");
}

export function validatePodSpec(spec: PodSpec | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set((spec?.volumes ?? []).map(({ name }) => name));
  errors.push(...validateVolumes(spec?.volumes ?? [], `${path}.volumes`));
  const containers = spec?.containers ?? [];
  if (containers.length === 0) errors.push(requiredValue(`${path}.containers`));
  const names = new Set<string>();
  containers.forEach((container, index) => {
    errors.push(...validateContainer(container, `${path}.containers[${index}]`, volumes, names));
  });
  spec?.initContainers?.forEach((container, index) => {
    errors.push(...validateContainer(container, `${path}.initContainers[${index}]`, volumes, names));
  });
  if (!spec) return errors;
  errors.push(...oneOf(`${path}.restartPolicy`, spec.restartPolicy, ["Always", "OnFailure", "Never"]));
  errors.push(
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]),
  );
  errors.push(...validatePlacement(spec, path), ...validateNetworkNames(spec, path));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MOST_SECONDS)) {
    const why = `must be between 1 and ${MOST_SECONDS}, inclusive`;
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, why));
  }
  errors.push(...nonNegative(`${path}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds));
  if (spec.serviceAccountName) {
    const at = `${path}.serviceAccountName`;
    errors.push(
      ...subdomainFaults(spec.serviceAccountName).map((fault) => invalidValue(at, spec.serviceAccountName, fault)),
    );
  }
  if (spec.nodeName) {
    errors.push(
      ...subdomainFaults(spec.nodeName).map((fault) => invalidValue(`${path}.nodeName`, spec.nodeName, fault)),
    );
  }
  return errors;
}

const MOST_SECONDS = 2 ** 31 - 1;

function validateNetworkNames(
  { hostname, subdomain, dnsPolicy, dnsConfig, hostAliases }: PodSpec,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const nameservers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === "None" && !dnsConfig)
    errors.push(requiredValue(`${path}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None"));
  if (dnsPolicy === "None" && dnsConfig && nameservers.length === 0) {
    const why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    errors.push(requiredValue(`${path}.dnsConfig.nameservers`, why));
  }
  if (nameservers.length > 3)
    errors.push(invalidValue(`${path}.dnsConfig.nameservers`, nameservers, "must not have more than 3 nameservers"));
  nameservers.forEach((address, index) => {
    if (!isIP(address)) errors.push(invalidValue(`${path}.dnsConfig.nameservers[${index}]`, address, IP_RULE));
  });
  for (const [name, value] of [
    ["hostname", hostname],
    ["subdomain", subdomain],
  ] as const) {
    if (value) errors.push(...labelNameFaults(value).map((fault) => invalidValue(`${path}.${name}`, value, fault)));
  }
  hostAliases?.forEach(({ ip, hostnames }, index) => {
    if (!isIP(ip)) errors.push(invalidValue(`${path}.hostAliases[${index}].ip`, ip, IP_RULE));
    hostnames?.forEach((name, at) => {
      const where = `${path}.hostAliases[${index}].hostnames[${at}]`;
      errors.push(...subdomainFaults(name).map((fault) => invalidValue(where, name, fault)));
    });
  });
  return errors;
}

function validateLifecycle({ lifecycle }: Container, path: string): FieldError[] {
  return (["postStart", "preStop"] as const).flatMap((name) => {
    const handler = lifecycle?.[name];
    if (!handler) return [];
    const { exec, httpGet, tcpSocket, sleep } = handler;
    return sleep && !exec && !httpGet && !tcpSocket ? [] : validateHandler(`${path}.${name}`, handler);
  });
}

const STANDARD_RESOURCES = ["cpu", "memory", "ephemeral-storage"];

/** Without a domain it is one of the few that Kubernetes knows itself. */
function validateResourceName(name: string, path: string): FieldError[] {
  const errors = qualifiedNameFaults(name).map((fault) => invalidValue(path, name, fault));
  if (errors.length > 0 || name.includes("/") || STANDARD_RESOURCES.includes(name) || name.startsWith("hugepages-"))
    return errors;
  const isKnown = ["storage", "pods", "services"].includes(name) || /^(requests|limits)\./.test(name);
  return [
    ...(isKnown ? [] : [invalidValue(path, name, "must be a standard resource type or fully qualified")]),
    invalidValue(path, name, "must be a standard resource for containers"),
  ];
}

function validateContainer(
  container: Container,
  path: string,
  volumes: ReadonlySet<string>,
  names: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(requiredValue(`${path}.name`));
  else
    errors.push(...labelNameFaults(container.name).map((fault) => invalidValue(`${path}.name`, container.name, fault)));
  if (!container.image) errors.push(requiredValue(`${path}.image`));
  else if (container.image.trim() !== container.image) {
    errors.push(invalidValue(`${path}.image`, container.image, "must not have leading or trailing whitespace"));
  }
  errors.push(...validatePorts(container.ports ?? [], `${path}.ports`));
  errors.push(...validateEnvironment(container, path));
  const mountPaths = new Set<string>();
  container.volumeMounts?.forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount.name) errors.push(requiredValue(`${at}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFoundValue(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(requiredValue(`${at}.mountPath`));
    else if (mountPaths.has(mount.mountPath))
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, "must be unique"));
    mountPaths.add(mount.mountPath);
    if (mount.subPath) errors.push(...relativePath(`${at}.subPath`, mount.subPath));
  });
  errors.push(...validateProbes(container, path), ...validateLifecycle(container, `${path}.lifecycle`));
  const policies = ["Always", "IfNotPresent", "Never"];
  if (container.imagePullPolicy && !policies.includes(container.imagePullPolicy)) {
    errors.push(notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, policies));
  }
  errors.push(...validateResources(container, `${path}.resources`));
  if (container.name && names.has(container.name)) errors.push(duplicateValue(`${path}.name`, container.name));
  names.add(container.name);
  return errors;
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${path}[${index}]`;
    if (port.name) {
      const faults = portNameFaults(port.name);
      errors.push(...faults.map((fault) => invalidValue(`${at}.name`, port.name, fault)));
      if (faults.length === 0 && names.has(port.name)) errors.push(duplicateValue(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(requiredValue(`${at}.containerPort`));
    else errors.push(...portNumber(`${at}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...portNumber(`${at}.hostPort`, port.hostPort));
    errors.push(...oneOf(`${at}.protocol`, port.protocol, ["SCTP", "TCP", "UDP"]));
  });
  return errors;
}

function validateResources({ resources }: Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [part, list] of [
    ["limits", resources?.limits],
    ["requests", resources?.requests],
  ] as const) {
    for (const [name, amount] of Object.entries(list ?? {})) {
      errors.push(...validateResourceName(name, `${path}.${part}[${name}]`));
      if (!parseQuantity(amount)) errors.push(invalidValue(`${path}.${part}[${name}]`, amount, QUANTITY_RULE));
      else if (compareQuantities(amount, "0") < 0)
        errors.push(invalidValue(`${path}.${part}[${name}]`, amount, "must be greater than or equal to 0"));
    }
  }
  for (const [name, request] of Object.entries(resources?.requests ?? {})) {
    const limit = resources?.limits?.[name];
    if (limit !== undefined && compareQuantities(request, limit) > 0) {
      errors.push(invalidValue(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return errors;
}
