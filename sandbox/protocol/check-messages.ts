import { z } from "zod";

/**
 * Why a check does not pass yet: a code and what to fill in. The English texts stand here beside their codes, so that
 * none can be missing; other languages replace the table. Only codes and parameters cross a process.
 */
export const CHECK_MESSAGES_EN = {
  "not-looked-yet": "The cluster has not been looked at yet.",
  "namespace-missing": "There is no namespace `{namespace}`.",
  "object-missing": "There is no {kind} `{name}` in namespace `{namespace}`.",
  "object-missing-cluster": "There is no {kind} `{name}`.",
  "object-elsewhere": "There is no {kind} `{name}` in namespace `{namespace}`, but there is one in `{elsewhere}`.",
  "object-similar": "There is no {kind} `{name}` in namespace `{namespace}`. Is `{similar}` meant to be it?",
  "object-still-there": "{kind} `{name}` is still there.",
  "object-terminating": "{kind} `{name}` is being deleted.",
  "field-missing": "{kind} `{name}`: `{path}` is not set.",
  "field-present": "{kind} `{name}`: `{path}` should not be set.",
  "field-not-equal": "{kind} `{name}`: `{path}` is `{actual}`, not `{expected}`.",
  "field-equal": "{kind} `{name}`: `{path}` is still `{actual}`.",
  "field-not-one-of": "{kind} `{name}`: `{path}` is `{actual}`, none of {expected}.",
  "field-no-match": "{kind} `{name}`: `{path}` is `{actual}`, which does not look as asked.",
  "field-too-small": "{kind} `{name}`: `{path}` is {actual}; at least {expected} is asked for.",
  "field-too-large": "{kind} `{name}`: `{path}` is {actual}; at most {expected} is asked for.",
  "field-not-a-number": "{kind} `{name}`: `{path}` is `{actual}`, which is not a number.",
  "workload-wrong-replicas": "{kind} `{name}` has `replicas` set to {actual}, not {expected}.",
  "workload-too-few-replicas": "{kind} `{name}` has `replicas` set to {actual}; at least {expected} is asked for.",
  "workload-paused": "{kind} `{name}` is paused: `kubectl rollout resume` lets it go on.",
  "workload-rolling": "{kind} `{name}` is still replacing pods: {updated} of {expected} are new.",
  "workload-not-ready": "{kind} `{name}`: {ready} of {expected} pods are ready.",
  "workload-extra-pods": "{kind} `{name}` asks for {expected} pods and still has {actual}.",
  "pod-unschedulable": "Pod `{pod}` has no node yet: {reason}",
  "pod-image-pull": "Pod `{pod}` cannot pull the image `{image}`.",
  "pod-crash-loop": "Container `{container}` in pod `{pod}` keeps ending with exit code {exitCode}.",
  "pod-config-error": "Container `{container}` in pod `{pod}` cannot be created: {reason}",
  "pod-not-ready": "Pod `{pod}` runs but is not ready.",
  "pod-starting": "Pod `{pod}` is starting.",
  "service-no-selector": "Service `{service}` has no selector.",
  "service-selects-nothing": "Service `{service}` selects {selector}: no pod has that label.",
  "service-selects-nothing-labels": "Service `{service}` selects {selector}: no pod has these labels together.",
  "service-selects-others": "Service `{service}` selects {selector}, but the pods of {kind} `{name}` have {labels}.",
  "service-selects-too-few": "Service `{service}` selects {actual} of the {expected} pods it should.",
  "service-pods-not-ready": "Service `{service}`: of {selected} selected pods {ready} are ready; it takes {expected}.",
  "service-no-port": "Service `{service}` has no port {port}; it has {ports}.",
  "service-target-port-unknown":
    "Service `{service}` sends to the port named `{targetPort}`: no container has one of that name.",
  "endpoints-too-few": "Service `{service}` has {actual} of {expected} ready addresses.",
  "replaced-no-pod-yet": "{kind} `{name}` has had no ready pod yet.",
  "replaced-none-gone": "All pods of {kind} `{name}` are the first ones. Delete one.",
  "replaced-waiting": "A pod of {kind} `{name}` is gone; the one in its place is not ready yet.",
} as const satisfies Record<string, string>;

export type CheckMessageCode = keyof typeof CHECK_MESSAGES_EN;

export const checkMessageSchema = z.object({
  code: z.enum(Object.keys(CHECK_MESSAGES_EN) as [CheckMessageCode, ...CheckMessageCode[]]),
  params: z.record(z.string(), z.union([z.string().max(500), z.number()])),
});
export type CheckMessage = z.infer<typeof checkMessageSchema>;

/** The text of a message; a parameter that is missing shows as its name, so that nothing is silently lost. */
export function formatCheckMessage(
  message: CheckMessage,
  texts: Readonly<Record<CheckMessageCode, string>> = CHECK_MESSAGES_EN,
): string {
  return texts[message.code].replace(/\{(\w+)\}/g, (whole, name: string) => String(message.params[name] ?? whole));
}
