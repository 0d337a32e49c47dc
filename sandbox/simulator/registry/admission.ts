import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../api/generated/kubernetes";
import { defaultMatchResources, defaultRules } from "./admission-rules";
import { asSent } from "./as-sent";
import { PLAIN_PRINTERS } from "./plain-printers";
import { validateBinding, validateMutatingBinding, validateMutatingPolicy, validatePolicy } from "./policy-validation";
import type { Strategy } from "./strategy";
import { validateWebhooks } from "./webhook-validation";

const printerOf = (name: string): Pick<Strategy, "printer"> => ({
  printer: PLAIN_PRINTERS[`admissionregistration.k8s.io/${name}`],
});

export const validatingPolicyStrategy: Strategy<ValidatingAdmissionPolicy> = {
  ...printerOf("validatingadmissionpolicies"),
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  validate: validatePolicy,
};

export const validatingBindingStrategy: Strategy<ValidatingAdmissionPolicyBinding> = {
  ...printerOf("validatingadmissionpolicybindings"),
  defaults: ({ spec }) => defaultMatchResources(asSent(spec)?.matchResources),
  validate: validateBinding,
};

export const mutatingPolicyStrategy: Strategy<MutatingAdmissionPolicy> = {
  ...printerOf("mutatingadmissionpolicies"),
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  validate: validateMutatingPolicy,
};

export const mutatingBindingStrategy: Strategy<MutatingAdmissionPolicyBinding> = {
  ...printerOf("mutatingadmissionpolicybindings"),
  defaults: ({ spec }) => defaultMatchResources(spec?.matchResources),
  validate: validateMutatingBinding,
};

export const validatingWebhookStrategy: Strategy<ValidatingWebhookConfiguration> = {
  ...printerOf("validatingwebhookconfigurations"),
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) defaultWebhook(webhook);
  },
  validate: validateWebhooks,
};

export const mutatingWebhookStrategy: Strategy<MutatingWebhookConfiguration> = {
  ...printerOf("mutatingwebhookconfigurations"),
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= "Never";
    }
  },
  validate: validateWebhooks,
};

function defaultWebhook(webhook: ValidatingWebhook | MutatingWebhook): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  defaultRules(webhook.rules);
  const service = asSent(webhook.clientConfig)?.service;
  if (service) service.port ??= 443;
}
