import type { APIService } from "../api/generated/kubernetes";
import { invalidValue, requiredValue, type FieldError } from "../api/field-error";
import { portNumber } from "./field-rules";
import { dns1035Faults, pathSegmentFaults, subdomainFaults } from "./names";
import { PLAIN_PRINTERS } from "./plain-printers";
import type { Strategy } from "./strategy";

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/api-service-v1/ */
export const apiServiceStrategy: Strategy<APIService> = {
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  nameFaults: pathSegmentFaults,
  validate: validateApiService,
  printer: PLAIN_PRINTERS["apiregistration.k8s.io/apiservices"],
};

function validateApiService({ metadata, spec }: APIService): FieldError[] {
  if (!spec) return [];
  const { group = "", version = "", groupPriorityMinimum, versionPriority, service, caBundle } = spec;
  const errors: FieldError[] = [];
  const name = `${version}.${group}`;
  if (metadata?.name !== name) {
    const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`;
    errors.push(invalidValue("metadata.name", metadata?.name, why));
  }
  if (group === "" && version !== "v1")
    errors.push(requiredValue("spec.group", "only v1 may have an empty group and it better be legacy kube"));
  if (group !== "") errors.push(...subdomainFaults(group).map((why) => invalidValue("spec.group", group, why)));
  errors.push(...dns1035Faults(version).map((why) => invalidValue("spec.version", version, why)));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000)
    errors.push(
      invalidValue("spec.groupPriorityMinimum", groupPriorityMinimum, "must be positive and less than 20000"),
    );
  if (versionPriority <= 0 || versionPriority > 1000)
    errors.push(invalidValue("spec.versionPriority", versionPriority, "must be positive and less than 1000"));
  const skips = spec.insecureSkipTLSVerify ?? false;
  if (!service) {
    if (caBundle) {
      const why = "local APIServices may not have a caBundle";
      errors.push(invalidValue("spec.caBundle", `${atob(caBundle).length} bytes`, why));
    }
    if (skips) {
      const why = "local APIServices may not have insecureSkipTLSVerify";
      errors.push(invalidValue("spec.insecureSkipTLSVerify", skips, why));
    }
    return errors;
  }
  if (!service.namespace) errors.push(requiredValue("spec.service.namespace"));
  if (!service.name) errors.push(requiredValue("spec.service.name"));
  errors.push(
    ...portNumber("spec.service.port", service.port ?? 443).map(({ detail }) =>
      invalidValue("spec.service.port", service.port, `port is not valid: ${detail}`),
    ),
  );
  if (skips && caBundle)
    errors.push(invalidValue("spec.insecureSkipTLSVerify", skips, "may not be true if caBundle is present"));
  return errors;
}
