import { forbiddenValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
  TypedLocalObjectReference,
} from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { asSent } from "./as-sent";
import { portNumber, requiredName } from "./field-rules";
import { isIP } from "./ip";
import { labelNameFaults, pathSegmentFaults, portNameFaults, subdomainFaults, wildcardFaults } from "./names";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_PARTS = ["//", "/./", "/../", "%2f", "%2F"];
const BAD_ENDS = ["/..", "/."];
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

export function validateIngress({ spec, metadata }: Ingress): FieldError[] {
  const errors = validateIngressUpdate({ spec });
  const annotation = metadata?.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined && spec?.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    const why = "must match `ingressClassName` when both are specified";
    errors.push(invalidValue(`annotations.${CLASS_ANNOTATION}`, annotation, why));
  }
  return errors;
}

export function validateIngressUpdate({ spec = {} }: { spec?: IngressSpec }): FieldError[] {
  const { rules = [], tls = [], defaultBackend, ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalidValue("spec", spec.rules, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, "spec.defaultBackend"));
  rules.forEach((rule, index) => errors.push(...validateRule(rule, `spec.rules[${index}]`)));
  tls.forEach((each, index) => errors.push(...validateTls(each, `spec.tls[${index}]`)));
  if (ingressClassName !== undefined) {
    errors.push(
      ...subdomainFaults(ingressClassName).map((fault) =>
        invalidValue("spec.ingressClassName", ingressClassName, fault),
      ),
    );
  }
  return errors;
}

function validateRule({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (isIP(host)) errors.push(invalidValue(`${path}.host`, host, "must be a DNS name, not an IP address"));
    errors.push(...hostFaults(host).map((fault) => invalidValue(`${path}.host`, host, fault)));
  }
  if (!http) return errors;
  const paths = asSent(http.paths) ?? [];
  if (paths.length === 0) errors.push(requiredValue(`${path}.http.paths`));
  paths.forEach((each, index) => errors.push(...validatePath(each, `${path}.http.paths[${index}]`)));
  return errors;
}

function validateTls({ hosts = [], secretName }: IngressTLS, path: string): FieldError[] {
  const errors = hosts.flatMap((host, index) =>
    hostFaults(host).map((fault) => invalidValue(`${path}.hosts[${index}]`, host, fault)),
  );
  if (!secretName) return errors;
  return [
    ...errors,
    ...subdomainFaults(secretName).map((fault) => invalidValue(`${path}.secretName`, secretName, fault)),
  ];
}

function hostFaults(host: string): string[] {
  return host.includes("*") ? wildcardFaults(host) : subdomainFaults(host);
}

function validatePath({ path = "", pathType, backend }: HTTPIngressPath, at: string): FieldError[] {
  const type = asSent(pathType);
  if (type === undefined) return [requiredValue(`${at}.pathType`, "pathType must be specified")];
  const errors: FieldError[] = [];
  const bad = (why: string): void => void errors.push(invalidValue(`${at}.path`, path, why));
  if (!PATH_TYPES.includes(type)) errors.push(notSupported(`${at}.pathType`, type, PATH_TYPES));
  else {
    const isStrict = type !== "ImplementationSpecific";
    if (!path.startsWith("/") && (isStrict || path !== "")) bad("must be an absolute path");
    if (isStrict) {
      for (const part of BAD_PARTS) if (path.includes(part)) bad(`must not contain '${part}'`);
      for (const end of BAD_ENDS) if (path.endsWith(end)) bad(`cannot end with '${end}'`);
    }
  }
  return [...errors, ...validateBackend(asSent(backend) ?? {}, `${at}.backend`)];
}

function validateBackend({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalidValue(path, "", "cannot set both resource and service backends")];
  if (resource) return validateReference(resource, `${path}.resource`);
  if (service) return validateServiceBackend(service, path);
  return [invalidValue(path, "", "resource or service backend is required")];
}

function validateServiceBackend({ name: sent, port = {} }: IngressServiceBackend, path: string): FieldError[] {
  const errors = requiredName(`${path}.service.name`, sent, labelNameFaults);
  const { name, number } = port;
  if (name && number) errors.push(invalidValue(path, "", "cannot set both port name & port number"));
  else if (name) {
    errors.push(...portNameFaults(name).map((fault) => invalidValue(`${path}.service.port.name`, name, fault)));
  } else if (number) errors.push(...portNumber(`${path}.service.port.number`, number));
  else errors.push(requiredValue(path, "port name or number is required"));
  return errors;
}

function validateReference({ apiGroup, kind, name }: TypedLocalObjectReference, path: string): FieldError[] {
  return [
    ...(apiGroup === undefined
      ? []
      : subdomainFaults(apiGroup).map((fault) => invalidValue(`${path}.apiGroup`, apiGroup, fault))),
    ...requiredName(`${path}.kind`, kind, pathSegmentFaults),
    ...requiredName(`${path}.name`, name, pathSegmentFaults),
  ];
}

export function validateIngressClass({ spec = {} }: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  const { controller, parameters } = spec;
  if (!controller) errors.push(requiredValue("spec.controller"));
  else errors.push(...domainPathFaults(controller).map((fault) => invalidValue("spec.controller", controller, fault)));
  if (!parameters) return errors;
  const path = "spec.parameters";
  errors.push(...validateReference(parameters, path));
  const { scope, namespace } = parameters;
  if (scope === undefined) return [...errors, requiredValue(`${path}.scope`)];
  if (scope === "Namespace" && namespace === undefined) {
    errors.push(requiredValue(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  } else if (scope === "Cluster" && namespace !== undefined) {
    errors.push(forbiddenValue(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  } else if (scope !== "Namespace" && scope !== "Cluster") {
    errors.push(notSupported(`${path}.scope`, scope, ["Cluster", "Namespace"]));
  }
  return errors;
}

export function validateIngressClassUpdate(now: IngressClass, old: Stored<IngressClass>): FieldError[] {
  const { controller } = now.spec ?? {};
  const isKept = controller === old.spec?.controller;
  return [
    ...(isKept ? [] : [invalidValue("spec.controller", controller ?? "", "field is immutable")]),
    ...validateIngressClass(now),
  ];
}

function domainPathFaults(text: string): string[] {
  const [domain = "", ...rest] = text.split("/");
  if (rest.length === 0 || domain === "" || rest.join("/") === "") {
    return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  }
  return subdomainFaults(domain);
}
