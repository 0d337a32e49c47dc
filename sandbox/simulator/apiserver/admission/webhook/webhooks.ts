import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../../../api/generated/kubernetes";
import { badRequest, failure, forbidden, internalError, type StatusError } from "../../../api/status";
import { admissionEnvironment } from "../../../cel/admission";
import type { CollectionRef } from "../../../registry/references";
import type { StrategyContext } from "../../../registry/strategy";
import type { Authorizer } from "../../authorization";
import type { ServedResources } from "../../served-resources";
import type { Admission, AdmissionAttributes } from "../admission";
import { activationOf } from "../policy/activation";
import { compileConditions, judgeConditions, type Conditions } from "../policy/conditions";
import { formByRules, isExempt, matchesSelectors, nameOf, type Equivalents, type Form } from "../policy/matching";
import { CallError, patchedBy, readVerdict, reviewOf, type Verdict } from "./admission-review";

const GROUP = "admissionregistration.k8s.io";
const VALIDATING: CollectionRef<ValidatingWebhookConfiguration> = {
  group: GROUP,
  name: "validatingwebhookconfigurations",
};
const MUTATING: CollectionRef<MutatingWebhookConfiguration> = { group: GROUP, name: "mutatingwebhookconfigurations" };

interface Dependencies {
  readonly resources: ServedResources;
  readonly authorizer: Authorizer;
  readonly equivalents: Equivalents;
}

/** Asks the cluster's mutating webhooks, in the order of their configurations' names. */
export function mutatingWebhooks(dependencies: Dependencies): Admission {
  return { admit: (attributes) => askAll(MUTATING, attributes, dependencies) };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
export function validatingWebhooks(dependencies: Dependencies): Admission {
  return {
    validate(attributes) {
      askAll(VALIDATING, attributes, dependencies);
      return undefined;
    },
  };
}

/** Whether any request could need an answer from outside. */
export function hasWebhooks(objects: Pick<StrategyContext, "list">): boolean {
  return objects.list(MUTATING, "").length > 0 || objects.list(VALIDATING, "").length > 0;
}

type Webhook = MutatingWebhook | ValidatingWebhook;

function askAll(
  collection: CollectionRef<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>,
  attributes: AdmissionAttributes,
  dependencies: Dependencies,
): void {
  if (isExempt(attributes)) return;
  const { resources } = dependencies;
  for (const configuration of attributes.context.list(collection, "")) {
    const webhooks: readonly Webhook[] = configuration.webhooks ?? [];
    for (const webhook of webhooks) {
      const form = formOfConcern(webhook, attributes, dependencies);
      if (!form) continue;
      ask(webhook, form, attributes, collection === MUTATING ? "mutating" : "validating");
      const { object, resource } = attributes;
      const { group, version, name } = resource;
      if (object && collection === MUTATING) resources.findStored(group, version, name)?.strategy.defaults?.(object);
    }
  }
}

/** The form in which the webhook is to see the request, if it is to see it. */
function formOfConcern(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  { authorizer, equivalents }: Dependencies,
): Form | undefined {
  const form = formByRules(webhook.rules ?? [], webhook.matchPolicy, attributes, equivalents);
  if (!form || !matchesSelectors(webhook, attributes)) return undefined;
  if (!webhook.matchConditions?.length) return form;
  const values = activationOf(attributes, form, authorizer);
  const met = judgeConditions(conditionsOf(webhook), values, webhook.failurePolicy);
  if ("fault" in met) throw forbidden(attributes.resource, nameOf(attributes), met.fault);
  return met.matches ? form : undefined;
}

function conditionsOf(webhook: Webhook): Conditions {
  let known = conditions.get(webhook);
  if (!known) {
    known = compileConditions(webhook.matchConditions, admissionEnvironment({ authorizer: true }));
    conditions.set(webhook, known);
  }
  return known;
}

// Parts of stored objects, which never change.
const conditions = new WeakMap<Webhook, Conditions>();

/** Lets the webhook have its say: throws what it denies, and what went wrong unless that may be ignored. */
function ask(
  webhook: Webhook,
  form: Form,
  attributes: AdmissionAttributes,
  configuration: "mutating" | "validating",
): void {
  const { name, clientConfig, timeoutSeconds = 10, failurePolicy, sideEffects } = webhook;
  if (attributes.context.dryRun && sideEffects !== "None" && sideEffects !== "NoneOnDryRun") {
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  try {
    const { uid, body } = reviewOf(webhook, form, attributes);
    const answer = attributes.reach({ client: clientConfig, timeoutSeconds, body });
    const verdict = readVerdict(answer, uid, configuration, webhook);
    for (const text of verdict.warnings) attributes.warn(text);
    if (!verdict.allowed) throw denial(name, verdict.status);
    if (verdict.patch !== undefined) mutate(name, verdict.patch, attributes);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (failurePolicy === "Ignore") return;
    throw internalError(new Error(`failed calling webhook ${JSON.stringify(name)}: ${error.message}`));
  }
}

function denial(name: string, status: Verdict["status"]): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { code = 400, message, reason = "", details } = status;
  const said = message || reason;
  const text = said ? `${denied}: ${said}` : `${denied} without explanation`;
  return failure(code < 400 ? 400 : code, reason, text, details);
}

function mutate(name: string, patch: string, { object, resource }: AdmissionAttributes): void {
  if (!object) {
    throw internalError(
      new Error(
        `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
      ),
    );
  }
  const next = patchedBy(patch, object, resource);
  for (const key of Object.keys(object)) Reflect.deleteProperty(object, key);
  Object.assign(object, next);
}
