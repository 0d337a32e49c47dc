import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../../../api/generated/kubernetes";
import { forbidden, internalError } from "../../../api/status";
import { admissionEnvironment } from "../../../cel/admission";
import type { CollectionRef } from "../../../registry/references";
import type { StrategyContext } from "../../../registry/strategy";
import type { Authorizer } from "../../authorization";
import type { Admission, AdmissionAttributes } from "../admission";
import { activationOf } from "../policy/activation";
import { compileConditions, judgeConditions, type Conditions } from "../policy/conditions";
import { formByRules, isExempt, matchesSelectors, nameOf, type Equivalents } from "../policy/matching";

const GROUP = "admissionregistration.k8s.io";
const VALIDATING: CollectionRef<ValidatingWebhookConfiguration> = {
  group: GROUP,
  name: "validatingwebhookconfigurations",
};
const MUTATING: CollectionRef<MutatingWebhookConfiguration> = { group: GROUP, name: "mutatingwebhookconfigurations" };

interface Dependencies {
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
  for (const configuration of attributes.context.list(collection, "")) {
    const webhooks: readonly Webhook[] = configuration.webhooks ?? [];
    for (const webhook of webhooks) {
      if (isConcerned(webhook, attributes, dependencies)) ask(webhook, attributes);
    }
  }
}

function isConcerned(
  webhook: Webhook,
  attributes: AdmissionAttributes,
  { authorizer, equivalents }: Dependencies,
): boolean {
  const form = formByRules(webhook.rules ?? [], webhook.matchPolicy, attributes, equivalents);
  if (!form || !matchesSelectors(webhook, attributes)) return false;
  if (!webhook.matchConditions?.length) return true;
  const values = activationOf(attributes, form, authorizer);
  const met = judgeConditions(conditionsOf(webhook), values, webhook.failurePolicy);
  if ("fault" in met) throw forbidden(attributes.resource, nameOf(attributes), met.fault);
  return met.matches;
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

/** Nothing on the cluster's network can answer a review: what remains is what the failure policy says. */
function ask(
  { name, clientConfig, timeoutSeconds = 10, failurePolicy }: Webhook,
  { reach }: AdmissionAttributes,
): void {
  const why = reach({ client: clientConfig, timeoutSeconds });
  if (failurePolicy === "Ignore") return;
  throw internalError(new Error(`failed calling webhook ${JSON.stringify(name)}: failed to call webhook: ${why}`));
}
