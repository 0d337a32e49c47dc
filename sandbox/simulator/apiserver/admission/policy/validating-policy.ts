import type {
  Validation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "../../../api/generated/kubernetes";
import type { KubeObject, Stored } from "../../../api/object";
import { failure, qualified } from "../../../api/status";
import { compose, type Composition } from "../../../cel/admission";
import { compile, type Compiled } from "../../../cel/program";
import { celValue } from "../../../cel/values";
import type { CollectionRef } from "../../../registry/references";
import type { Authorizer } from "../../authorization";
import type { ServedResources } from "../../served-resources";
import type { Admission, AdmissionAttributes } from "../admission";
import { activationOf } from "./activation";
import { compileConditions, evaluate, judgeConditions, type Conditions } from "./conditions";
import { isExempt, matchForm, type Equivalents } from "./matching";
import { ConfigurationError, paramResource, paramsOf } from "./params";

const POLICIES: CollectionRef<ValidatingAdmissionPolicy> = {
  group: "admissionregistration.k8s.io",
  name: "validatingadmissionpolicies",
};
const BINDINGS: CollectionRef<ValidatingAdmissionPolicyBinding> = {
  group: "admissionregistration.k8s.io",
  name: "validatingadmissionpolicybindings",
};

interface Dependencies {
  readonly resources: ServedResources;
  readonly authorizer: Authorizer;
  readonly equivalents: Equivalents;
}

/**
 * Refuses, or warns of, what the cluster's own policies say no to.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function validatingPolicies({ resources, authorizer, equivalents }: Dependencies): Admission {
  return {
    validate(attributes) {
      if (isExempt(attributes)) return undefined;
      const bindings = attributes.context.list(BINDINGS, "");
      if (bindings.length === 0) return undefined;
      const denials: Denial[] = [];
      for (const policy of attributes.context.list(POLICIES, "")) {
        const own = bindings.filter(({ spec }) => spec.policyName === policy.metadata.name);
        if (own.length > 0) denials.push(...judge(policy, own, attributes, { resources, authorizer, equivalents }));
      }
      const [first] = denials;
      if (first) throw refusal(attributes, first);
      return undefined;
    },
  };
}

interface Denial {
  readonly policy: string;
  /** None when the policy itself is at fault. */
  readonly binding?: string;
  readonly message: string;
  readonly reason: string;
}

function judge(
  policy: Stored<ValidatingAdmissionPolicy>,
  bindings: readonly Stored<ValidatingAdmissionPolicyBinding>[],
  attributes: AdmissionAttributes,
  { resources, authorizer, equivalents }: Dependencies,
): Denial[] {
  const { name } = policy.metadata;
  const { spec = {} } = policy;
  const form = matchForm(spec.matchConstraints, attributes, equivalents);
  if (!form) return [];
  // A policy that cannot do its work refuses everything, or nothing.
  const misconfigured = (error: unknown, what: string, binding?: string): Denial[] => {
    if (!(error instanceof ConfigurationError)) throw error;
    if (spec.failurePolicy === "Ignore") return [];
    return [{ policy: name, binding, message: `failed to configure ${what}: ${error.message}`, reason: "Invalid" }];
  };
  let kind;
  try {
    kind = paramResource(spec.paramKind, resources);
  } catch (error) {
    return misconfigured(error, "policy");
  }
  const values = activationOf(attributes, form, authorizer);
  return bindings.flatMap((binding) => {
    if (!matchForm(binding.spec.matchResources, attributes, equivalents)) return [];
    try {
      const params = paramsOf(kind, binding.spec.paramRef, attributes);
      const failures = params.flatMap((each) => failuresOf(policy, { ...values, ...paramsValue(policy, each) }));
      return failures.flatMap((failed) => act(failed, name, binding, attributes));
    } catch (error) {
      return misconfigured(error, "binding", binding.metadata.name);
    }
  });
}

function paramsValue({ spec }: ValidatingAdmissionPolicy, params: KubeObject | undefined): object {
  return spec?.paramKind ? { params: params ? celValue(params) : null } : {};
}

interface Failure {
  readonly message: string;
  readonly reason: string;
  /** Whatever the binding says: what could not be audited is refused. */
  readonly always?: boolean;
}

function act(
  { message, reason, always }: Failure,
  policy: string,
  { metadata, spec }: Stored<ValidatingAdmissionPolicyBinding>,
  { warn }: AdmissionAttributes,
): Denial[] {
  if (spec.validationActions.includes("Warn") && !always) {
    warn(`Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${metadata.name}': ${message}`);
  }
  if (!always && !spec.validationActions.includes("Deny")) return [];
  return [{ policy, binding: metadata.name, message, reason }];
}

/** What a policy has against a request, with these values. */
function failuresOf(policy: Stored<ValidatingAdmissionPolicy>, values: object): Failure[] {
  const { composition, conditions, validations, annotations } = compiled(policy);
  const isLenient = policy.spec?.failurePolicy === "Ignore";
  const all = composition.bind(values);
  const met = judgeConditions(conditions, all, policy.spec?.failurePolicy);
  if ("fault" in met) return [{ message: met.fault, reason: "" }];
  if (!met.matches) return [];
  const failures = validations.flatMap(({ rule, test, message }): Failure[] => {
    const { value, fault } = evaluate(test, all);
    if (fault !== undefined) return isLenient ? [] : [{ message: fault, reason: "" }];
    return value === true ? [] : [{ message: messageOf(rule, message, all), reason: rule.reason ?? "Invalid" }];
  });
  const faults = isLenient ? [] : annotations.flatMap((each) => evaluate(each, all).fault ?? []);
  return [...failures, ...faults.map((message) => ({ message, reason: "", always: true }))];
}

const LONGEST_MESSAGE = 5 * 1024;

function messageOf(rule: Validation, expression: Compiled | undefined, values: object): string {
  const text = expression && evaluate(expression, values).value;
  const own = typeof text === "string" ? text.trim() : "";
  if (own !== "" && own.length <= LONGEST_MESSAGE && !own.includes("\n")) return own;
  return rule.message?.trim() || `failed expression: ${rule.expression.trim()}`;
}

interface CompiledPolicy {
  readonly composition: Composition;
  readonly conditions: Conditions;
  readonly validations: readonly { readonly rule: Validation; readonly test: Compiled; readonly message?: Compiled }[];
  readonly annotations: readonly Compiled[];
}

function compiled(policy: Stored<ValidatingAdmissionPolicy>): CompiledPolicy {
  let known = policies.get(policy);
  if (!known) {
    const { spec = {} } = policy;
    const composition = compose(spec.variables ?? [], { params: spec.paramKind !== undefined, authorizer: true });
    const { environment } = composition;
    known = {
      composition,
      conditions: compileConditions(spec.matchConditions, environment),
      validations: (spec.validations ?? []).map((rule) => ({
        rule,
        test: compile(rule.expression, environment),
        ...(rule.messageExpression && { message: compile(rule.messageExpression, environment) }),
      })),
      annotations: (spec.auditAnnotations ?? []).map((each) => compile(each.valueExpression.trim(), environment)),
    };
    policies.set(policy, known);
  }
  return known;
}

// Stored objects never change: a changed policy is another object.
const policies = new WeakMap<object, CompiledPolicy>();

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

function refusal({ resource, name, object }: AdmissionAttributes, denial: Denial): Error {
  const { metadata } = object ?? {};
  const subject = name || metadata?.name || metadata?.generateName || "Unknown";
  const binding = denial.binding === undefined ? "" : ` with binding '${denial.binding}'`;
  const message = `ValidatingAdmissionPolicy '${denial.policy}'${binding} denied request: ${denial.message}`;
  const reason = denial.reason || "Invalid";
  const details = {
    name: subject,
    ...(resource.group !== "" && { group: resource.group }),
    kind: resource.name,
    causes: [{ message }],
  };
  const text = `${qualified(resource.group, resource.name)} ${JSON.stringify(subject)} is forbidden: ${message}`;
  return failure(CODES[reason] ?? 422, reason, text, details);
}
