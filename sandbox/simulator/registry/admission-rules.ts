import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
  tooMany,
  type FieldError,
} from "../api/field-error";
import type {
  LabelSelector,
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ParamRef,
  RuleWithOperations,
} from "../api/generated/kubernetes";
import { admissionEnvironment } from "../cel/admission";
import { expressionFaults } from "./expressions";
import { validateLabelSelector } from "./field-rules";
import { dns1035Faults, pathSegmentFaults, qualifiedNameFaults, subdomainFaults } from "./names";

/** What admission policies, their bindings and webhooks have in common: which requests they are about. */

export const FAILURE_POLICIES = ["Fail", "Ignore"];
export const MATCH_POLICIES = ["Equivalent", "Exact"];
export const REINVOCATION_POLICIES = ["IfNeeded", "Never"];
const OPERATIONS = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const SCOPES = ["*", "Cluster", "Namespaced"];

export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

export function defaultRules(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= "*";
}

export function validateMatchResources(path: string, match: MatchResources | undefined): FieldError[] {
  if (!match) return [];
  const rules = (name: "resourceRules" | "excludeResourceRules"): FieldError[] =>
    (match[name] ?? []).flatMap((rule, index) => validateNamedRule(`${path}.${name}[${index}]`, rule));
  return [
    ...oneOfSet(`${path}.matchPolicy`, match.matchPolicy, MATCH_POLICIES),
    ...requiredSelector(`${path}.namespaceSelector`, match.namespaceSelector),
    ...requiredSelector(`${path}.objectSelector`, match.objectSelector),
    ...rules("resourceRules"),
    ...rules("excludeResourceRules"),
  ];
}

/** Required, and one of a few. */
export function oneOfSet(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (value === undefined) return [requiredValue(path)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

function requiredSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  return selector ? validateLabelSelector(path, selector) : [requiredValue(path)];
}

function validateNamedRule(path: string, rule: NamedRuleWithOperations): FieldError[] {
  const names = rule.resourceNames ?? [];
  return [
    ...names.flatMap((name, index) => {
      const at = `${path}.resourceNames[${index}]`;
      const faults = pathSegmentFaults(name).map((fault) => invalidValue(at, name, fault));
      return names.indexOf(name) < index ? [...faults, duplicateValue(at, name)] : faults;
    }),
    ...validateRule(path, rule),
  ];
}

export function validateRule(path: string, rule: RuleWithOperations): FieldError[] {
  const errors: FieldError[] = [];
  const { operations = [], apiGroups = [], apiVersions = [], scope } = rule;
  const list = (name: string, values: readonly string[], what: string): void => {
    if (values.length === 0) errors.push(requiredValue(`${path}.${name}`));
    if (values.length > 1 && values.includes("*"))
      errors.push(invalidValue(`${path}.${name}`, values, `if '*' is present, must not specify other ${what}`));
  };
  list("operations", operations, "operations");
  operations.forEach((operation, index) => {
    if (!OPERATIONS.includes(operation))
      errors.push(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS));
  });
  list("apiGroups", apiGroups, "API groups");
  list("apiVersions", apiVersions, "API versions");
  apiVersions.forEach((version, index) => {
    if (version === "") errors.push(requiredValue(`${path}.apiVersions[${index}]`));
  });
  errors.push(...validateResources(`${path}.resources`, rule.resources ?? []));
  if (scope !== undefined && !SCOPES.includes(scope)) errors.push(notSupported(`${path}.scope`, scope, SCOPES));
  return errors;
}

function validateResources(path: string, resources: readonly string[]): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [requiredValue(path)] : [];
  const wholly = new Set<string>();
  const everywhere = new Set<string>();
  resources.forEach((each, index) => {
    const at = `${path}[${index}]`;
    if (each === "") {
      errors.push(requiredValue(at));
      return;
    }
    const [resource = "", subresource] = each.split("/");
    if (subresource === undefined) return;
    if (wholly.has(resource))
      errors.push(invalidValue(at, each, `if '${resource}/*' is present, must not specify ${each}`));
    if (everywhere.has(subresource))
      errors.push(invalidValue(at, each, `if '*/${subresource}' is present, must not specify ${each}`));
    if (subresource === "*") wholly.add(resource);
    if (resource === "*") everywhere.add(subresource);
  });
  if (resources.length > 1 && resources.includes("*/*"))
    errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"));
  // The last one without a subresource decides, as it does there.
  const plain = resources.findLast((each) => each !== "" && !each.includes("/"));
  if (resources.includes("*") && plain !== "*")
    errors.push(
      invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"),
    );
  return errors;
}

export function validateMatchConditions(
  path: string,
  conditions: readonly MatchCondition[] | undefined,
  hasParams: boolean,
): FieldError[] {
  const all = conditions ?? [];
  const names = new Set<string>();
  const errors = all.length > 64 ? [tooMany(path, all.length, 64)] : [];
  all.forEach(({ name, expression }, index) => {
    const at = `${path}[${index}]`;
    const environment = admissionEnvironment({ params: hasParams, authorizer: true });
    if (expression.trim() === "") errors.push(requiredValue(`${at}.expression`));
    else errors.push(...expressionFaults(`${at}.expression`, expression.trim(), environment, ["bool"]));
    if (name === "") errors.push(requiredValue(`${at}.name`));
    else errors.push(...qualifiedNameFaults(name).map((fault) => invalidValue(`${at}.name`, name, fault)));
    if (name !== "" && names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
    names.add(name);
  });
  return errors;
}

export function validateParamKind(path: string, kind: ParamKind | undefined): FieldError[] {
  if (!kind) return [];
  const errors: FieldError[] = [];
  const apiVersion = kind.apiVersion ?? "";
  const parts = apiVersion.split("/");
  const [group = "", version = ""] = parts.length === 1 ? ["", apiVersion] : parts;
  const at = `${path}.apiVersion`;
  if (apiVersion === "") errors.push(requiredValue(at));
  else if (parts.length > 2) errors.push(invalidValue(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const groupFaults = group === "" ? [] : subdomainFaults(group);
    if (groupFaults.length > 0) errors.push(invalidValue(at, group, groupFaults.join(",")));
    const faults = dns1035Faults(version);
    if (version === "") errors.push(invalidValue(at, apiVersion, "version must be specified"));
    else if (faults.length > 0) errors.push(invalidValue(at, version, faults.join(",")));
  }
  const name = kind.kind ?? "";
  const faults = dns1035Faults(name.toLowerCase());
  if (name === "") errors.push(requiredValue(`${path}.kind`));
  else if (faults.length > 0)
    errors.push(
      invalidValue(`${path}.kind`, name, `may have mixed case, but should otherwise match: ${faults.join(",")}`),
    );
  return errors;
}

const NOT_FOUND_ACTIONS = ["Deny", "Allow"];

export function validateParamRef(path: string, reference: ParamRef | undefined): FieldError[] {
  if (!reference) return [];
  const { name = "", selector, parameterNotFoundAction } = reference;
  const errors = name === "" ? [] : pathSegmentFaults(name).map((fault) => invalidValue(`${path}.name`, name, fault));
  const isBoth = name !== "" && selector !== undefined;
  if (isBoth) errors.push(forbiddenValue(`${path}.name`, "name and selector are mutually exclusive"));
  errors.push(...validateLabelSelector(`${path}.selector`, selector));
  if (isBoth) errors.push(forbiddenValue(`${path}.selector`, "name and selector are mutually exclusive"));
  if (name === "" && !selector) errors.push(requiredValue(path, "one of name or selector must be specified"));
  if (!parameterNotFoundAction) errors.push(requiredValue(`${path}.parameterNotFoundAction`));
  else if (!NOT_FOUND_ACTIONS.includes(parameterNotFoundAction))
    errors.push(notSupported(`${path}.parameterNotFoundAction`, parameterNotFoundAction, NOT_FOUND_ACTIONS));
  return errors;
}
