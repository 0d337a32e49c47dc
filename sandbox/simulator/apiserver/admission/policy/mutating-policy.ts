import type { Environment } from "@marcbachmann/cel-js";
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from "../../../api/generated/kubernetes";
import { cloneJson, equalJson } from "../../../api/json";
import type { KubeObject, Stored } from "../../../api/object";
import { failure, type StatusError } from "../../../api/status";
import { compose, type Composition } from "../../../cel/admission";
import { compile, type Compiled } from "../../../cel/program";
import { celValue, jsonValue } from "../../../cel/values";
import type { CollectionRef } from "../../../registry/references";
import type { Authorizer } from "../../authorization";
import type { ServedResources } from "../../served-resources";
import type { Admission, AdmissionAttributes } from "../admission";
import { activationOf } from "./activation";
import { compileConditions, evaluate, judgeConditions, type Conditions } from "./conditions";
import { isExempt, matchForm, nameOf, type Equivalents } from "./matching";
import { applied, MutationError, patched } from "./mutations";
import { ConfigurationError, paramResource, paramsOf } from "./params";

const GROUP = "admissionregistration.k8s.io";
const POLICIES: CollectionRef<MutatingAdmissionPolicy> = { group: GROUP, name: "mutatingadmissionpolicies" };
const BINDINGS: CollectionRef<MutatingAdmissionPolicyBinding> = {
  group: GROUP,
  name: "mutatingadmissionpolicybindings",
};

interface Dependencies {
  readonly resources: ServedResources;
  readonly authorizer: Authorizer;
  readonly equivalents: Equivalents;
}

/**
 * Changes objects as the cluster's own policies say.
 * https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export function mutatingPolicies(dependencies: Dependencies): Admission {
  return {
    admit(attributes) {
      const { object, resource, context } = attributes;
      // Only whole objects are changed, not what a subresource takes.
      if (!object || object.kind !== resource.kind || isExempt(attributes)) return;
      const bindings = context.list(BINDINGS, "");
      if (bindings.length === 0) return;
      const invocations = context.list(POLICIES, "").flatMap((policy) => {
        const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name);
        return own.length === 0 ? [] : invocationsOf(policy, own, attributes, dependencies);
      });
      run(invocations, object, attributes, dependencies);
    },
  };
}

/** A policy, bound, with one of its parameters. */
interface Invocation {
  readonly policy: Stored<MutatingAdmissionPolicy>;
  readonly binding?: string;
  readonly params?: KubeObject;
  /** Why it cannot run. */
  readonly fault?: string;
}

function invocationsOf(
  policy: Stored<MutatingAdmissionPolicy>,
  bindings: readonly Stored<MutatingAdmissionPolicyBinding>[],
  attributes: AdmissionAttributes,
  { resources, equivalents }: Dependencies,
): Invocation[] {
  const { spec = {} } = policy;
  if (!matchForm(spec.matchConstraints, attributes, equivalents)) return [];
  const misconfigured = (error: unknown, what: string): string => {
    if (!(error instanceof ConfigurationError)) throw error;
    return `failed to configure ${what}: ${error.message}`;
  };
  let kind;
  try {
    kind = paramResource(spec.paramKind, resources);
  } catch (error) {
    return [{ policy, fault: misconfigured(error, "policy") }];
  }
  return bindings.flatMap(({ metadata, spec: bound }): Invocation[] => {
    const binding = metadata.name;
    if (!matchForm(bound?.matchResources, attributes, equivalents)) return [];
    try {
      return paramsOf(kind, bound?.paramRef, attributes).map((params) => ({ policy, binding, params }));
    } catch (error) {
      return [{ policy, binding, fault: misconfigured(error, "binding") }];
    }
  });
}

/** Once each; then those that want it again where a later one changed the object. */
function run(
  invocations: readonly Invocation[],
  object: KubeObject,
  attributes: AdmissionAttributes,
  dependencies: Dependencies,
): void {
  let lastChange = -1;
  const denials: string[] = [];
  const once = (invocation: Invocation, index: number): void => {
    const before = cloneJson(object);
    const fault = invocation.fault ?? mutate(invocation, object, attributes, dependencies);
    if (fault !== undefined && invocation.policy.spec?.failurePolicy !== "Ignore")
      denials.push(denial(invocation, fault));
    if (!equalJson(before, object)) lastChange = index;
  };
  invocations.forEach(once);
  const changedLast = lastChange;
  invocations.forEach((invocation, index) => {
    if (index < changedLast && invocation.policy.spec?.reinvocationPolicy === "IfNeeded") once(invocation, index);
  });
  if (denials.length > 0) throw refusal(attributes, denials);
}

function denial({ policy, binding }: Invocation, fault: string): string {
  const { name } = policy.metadata;
  return binding === undefined
    ? `policy ${JSON.stringify(name)} denied request: ${fault}`
    : `policy '${name}' with binding '${binding}' denied request: ${fault}`;
}

function refusal(attributes: AdmissionAttributes, denials: readonly string[]): StatusError {
  const { resource } = attributes;
  const causes = denials.map((message) => ({ message }));
  const name = nameOf(attributes) || attributes.object?.metadata?.generateName || "Unknown";
  const details = { name, ...(resource.group !== "" && { group: resource.group }), kind: resource.name, causes };
  return failure(403, "Invalid", denials[0] ?? "", details);
}

/** Runs a policy's mutations in order; gives what went wrong. */
function mutate(
  { policy, params }: Invocation,
  object: KubeObject,
  attributes: AdmissionAttributes,
  { authorizer, resources }: Dependencies,
): string | undefined {
  const { group, version, name } = attributes.resource;
  const strategy = resources.findStored(group, version, name)?.strategy;
  const { composition, conditions, mutations } = compiled(policy);
  const form = { info: attributes.resource, convert: (each: KubeObject) => each };
  const values = (): object =>
    composition.bind({
      ...activationOf({ ...attributes, object }, form, authorizer),
      ...(policy.spec?.paramKind && { params: params ? celValue(params) : null }),
    });
  const met = judgeConditions(conditions, values(), policy.spec?.failurePolicy);
  if ("fault" in met) return met.fault;
  if (!met.matches) return undefined;
  const faults = mutations.flatMap(({ mutation, expression }) => {
    const { value, fault } = evaluate(expression, values());
    if (fault !== undefined) return [fault];
    try {
      const change = mutation.patchType === "JSONPatch" ? patched : applied;
      const next = change(object, jsonValue(value), attributes.resource);
      for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
      Object.assign(object, next);
      strategy?.defaults?.(object);
      return [];
    } catch (error) {
      if (!(error instanceof MutationError)) throw error;
      return [error.message];
    }
  });
  return faults[0];
}

interface CompiledPolicy {
  readonly composition: Composition;
  readonly conditions: Conditions;
  readonly mutations: readonly { readonly mutation: Mutation; readonly expression: Compiled }[];
}

function compiled(policy: Stored<MutatingAdmissionPolicy>): CompiledPolicy {
  let known = policies.get(policy);
  if (!known) {
    const { spec = {} } = policy;
    const declarations = { params: spec.paramKind !== undefined, authorizer: true, mutation: true };
    const composition = compose(spec.variables ?? [], declarations);
    const { environment } = composition;
    known = {
      composition,
      conditions: compileConditions(spec.matchConditions, environment),
      mutations: (spec.mutations ?? []).map((mutation) => ({
        mutation,
        expression: expressionOf(mutation, environment),
      })),
    };
    policies.set(policy, known);
  }
  return known;
}

function expressionOf({ patchType, jsonPatch, applyConfiguration }: Mutation, environment: Environment): Compiled {
  const source = (patchType === "JSONPatch" ? jsonPatch : applyConfiguration)?.expression ?? "";
  return compile(source, environment, true);
}

// Stored objects never change: a changed policy is another object.
const policies = new WeakMap<object, CompiledPolicy>();
