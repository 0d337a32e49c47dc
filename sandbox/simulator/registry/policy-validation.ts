import { duplicateValue, invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type {
  AuditAnnotation,
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
  Variable,
} from "../api/generated/kubernetes";
import { compose, type Composition, type Declarations } from "../cel/admission";
import {
  FAILURE_POLICIES,
  oneOfSet,
  REINVOCATION_POLICIES,
  validateMatchConditions,
  validateMatchResources,
  validateParamKind,
  validateParamRef,
} from "./admission-rules";
import { asSent } from "./as-sent";
import { expressionFaults } from "./expressions";
import { qualifiedNameFaults, subdomainFaults } from "./names";

/** https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ */
export function validatePolicy({ spec = {}, metadata }: ValidatingAdmissionPolicy): FieldError[] {
  const { validations = [], auditAnnotations = [] } = spec;
  const declarations = { params: spec.paramKind !== undefined, authorizer: true };
  const composition = compose(spec.variables ?? [], declarations);
  const errors = [...validateScope(spec), ...validateVariables(spec.variables ?? [], composition)];
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = "validations or auditAnnotations must contain at least one item";
    return [...errors, requiredValue("spec.validations", why), requiredValue("spec.auditAnnotations", why)];
  }
  const messages = compose(spec.variables ?? [], { ...declarations, authorizer: false });
  validations.forEach((each, index) => {
    errors.push(...validateValidation(`spec.validations[${index}]`, each, composition, messages));
  });
  if (auditAnnotations.length > MOST_ANNOTATIONS)
    errors.push(
      invalidValue(
        "spec.auditAnnotations",
        auditAnnotations,
        `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`,
      ),
    );
  auditAnnotations.forEach((each, index) => {
    const path = `spec.auditAnnotations[${index}]`;
    errors.push(...validateAnnotation(path, each, metadata?.name ?? "", composition));
    if (auditAnnotations.findIndex(({ key }) => key === each.key) < index)
      errors.push(duplicateValue(`${path}.key`, each.key));
  });
  return errors;
}

const MOST_ANNOTATIONS = 20;
const LONGEST_ANNOTATION = 5 * 1024;

type Scope = Pick<
  NonNullable<ValidatingAdmissionPolicy["spec"]>,
  "failurePolicy" | "paramKind" | "matchConstraints" | "matchConditions"
>;

function validateScope({ failurePolicy, paramKind, matchConstraints, matchConditions }: Scope): FieldError[] {
  const errors = [
    ...oneOfSet("spec.failurePolicy", failurePolicy, FAILURE_POLICIES),
    ...validateParamKind("spec.paramKind", paramKind),
  ];
  if (!matchConstraints) errors.push(requiredValue("spec.matchConstraints"));
  else {
    errors.push(...validateMatchResources("spec.matchConstraints", matchConstraints));
    if (!matchConstraints.resourceRules?.length) errors.push(requiredValue("spec.matchConstraints.resourceRules"));
  }
  return [...errors, ...validateMatchConditions("spec.matchConditions", matchConditions, paramKind !== undefined)];
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function validateVariables(variables: readonly Variable[], { issues }: Composition): FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const path = `spec.variables[${index}]`;
    const errors: FieldError[] = [];
    if (name.trim() === "") errors.push(requiredValue(`${path}.name`, "name is not specified"));
    else if (!IDENTIFIER.test(name) || RESERVED.has(name))
      errors.push(invalidValue(`${path}.name`, name, "name is not a valid CEL identifier"));
    const issue = issues.get(index);
    if (expression.trim() === "") errors.push(requiredValue(`${path}.expression`, "expression is not specified"));
    else if (issue !== undefined) errors.push(invalidValue(`${path}.expression`, expression, issue));
    return errors;
  });
}

const REASONS = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

function validateValidation(
  path: string,
  { expression, message = "", messageExpression = "", reason }: Validation,
  { environment }: Composition,
  messages: Composition,
): FieldError[] {
  const errors: FieldError[] = [];
  if (expression.trim() === "") errors.push(requiredValue(`${path}.expression`, "expression is not specified"));
  else errors.push(...expressionFaults(`${path}.expression`, expression, environment, ["bool"]));
  const at = `${path}.messageExpression`;
  if (messageExpression !== "" && messageExpression.trim() === "")
    errors.push(invalidValue(at, messageExpression, "must be non-empty if specified"));
  else if (messageExpression !== "")
    errors.push(...expressionFaults(at, messageExpression, messages.environment, ["string"]));
  if (message !== "" && message.trim() === "")
    errors.push(invalidValue(`${path}.message`, message, "message must be non-empty if specified"));
  else if (/[\n\r]/.test(message.trim()))
    errors.push(invalidValue(`${path}.message`, message, "message must not contain line breaks"));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, REASONS));
  return errors;
}

function validateAnnotation(
  path: string,
  { key, valueExpression }: AuditAnnotation,
  name: string,
  { environment }: Composition,
): FieldError[] {
  const errors =
    name === ""
      ? [invalidValue(`${path}.key`, key, "requires metadata.name be non-empty")]
      : qualifiedNameFaults(`${name}/${key}`).map((fault) => invalidValue(`${path}.key`, `${name}/${key}`, fault));
  const at = `${path}.valueExpression`;
  const trimmed = valueExpression.trim();
  if (trimmed === "") errors.push(requiredValue(at, "valueExpression is not specified"));
  else if (trimmed.length > LONGEST_ANNOTATION)
    errors.push(requiredValue(at, `must not exceed ${LONGEST_ANNOTATION} bytes in length`));
  else errors.push(...expressionFaults(at, trimmed, environment, ["string", "null_type", "null"]));
  return errors;
}

const ACTIONS = ["Audit", "Deny", "Warn"];

export function validateBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const actions = asSent(spec.validationActions) ?? [];
  const errors = validateBound(spec);
  actions.forEach((action, index) => {
    const at = `spec.validationActions[${index}]`;
    if (!ACTIONS.includes(action)) errors.push(notSupported(at, action, ACTIONS));
    if (actions.indexOf(action) < index) errors.push(duplicateValue(at, action));
  });
  if (actions.includes("Deny") && actions.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    errors.push(invalidValue("spec.validationActions", actions, why));
  }
  if (actions.length === 0)
    errors.push(requiredValue("spec.validationActions", "at least one validation action is required"));
  return errors;
}

function validateBound({
  policyName = "",
  paramRef,
  matchResources,
}: NonNullable<MutatingAdmissionPolicyBinding["spec"]>): FieldError[] {
  const errors =
    policyName === ""
      ? [requiredValue("spec.policyName")]
      : subdomainFaults(policyName).map((fault) => invalidValue("spec.policyName", policyName, fault));
  // The path is misspelt in the server too.
  return [
    ...errors,
    ...validateParamRef("spec.paramRef", paramRef),
    ...validateMatchResources("spec.matchResouces", matchResources),
  ];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/ */
export function validateMutatingPolicy({ spec = {} }: MutatingAdmissionPolicy): FieldError[] {
  const declarations: Declarations = { params: spec.paramKind !== undefined, authorizer: true, mutation: true };
  const composition = compose(spec.variables ?? [], declarations);
  const errors = [...validateScope(spec), ...validateVariables(spec.variables ?? [], composition)];
  const mutations = spec.mutations ?? [];
  if (mutations.length === 0) errors.push(requiredValue("spec.mutations", "mutations must contain at least one item"));
  mutations.forEach((mutation, index) => {
    errors.push(...validateMutation(`spec.mutations[${index}]`, mutation, composition));
  });
  if (!spec.reinvocationPolicy) errors.push(requiredValue("spec.reinvocationPolicy"));
  else if (!REINVOCATION_POLICIES.includes(spec.reinvocationPolicy))
    errors.push(notSupported("spec.reinvocationPolicy", spec.reinvocationPolicy, REINVOCATION_POLICIES));
  return errors;
}

export function validateMutatingBinding({ spec = {} }: MutatingAdmissionPolicyBinding): FieldError[] {
  return validateBound(spec);
}

const PATCH_TYPES = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

function validateMutation(path: string, mutation: Mutation, { environment }: Composition): FieldError[] {
  const { patchType } = mutation;
  if (!patchType) return [requiredValue(`${path}.patchType`)];
  if (patchType !== "ApplyConfiguration" && patchType !== "JSONPatch")
    return [notSupported(`${path}.patchType`, patchType, Object.keys(PATCH_TYPES))];
  const own = PATCH_TYPES[patchType];
  const other = own === "jsonPatch" ? "applyConfiguration" : "jsonPatch";
  const errors: FieldError[] = [];
  const expression = mutation[own]?.expression ?? "";
  if (!mutation[own]) errors.push(requiredValue(`${path}.${own}`, `must be specified when patchType is ${patchType}`));
  else if (expression.trim() === "")
    errors.push(requiredValue(`${path}.${own}.expression`, "expression is not specified"));
  else errors.push(...expressionFaults(`${path}.${own}.expression`, expression, environment, [], true));
  if (mutation[other])
    errors.push(
      invalidValue(`${path}.${other}`, `{${other}}`, `must not specify ${other} when patchType is ${patchType}`),
    );
  return errors;
}
