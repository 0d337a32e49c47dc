import type { CheckMessage } from "../protocol/check-messages";
import type { Check, ChecksDocument } from "../protocol/checks";
import type { TaskVerdict } from "../protocol/verdict";
import { checkAbsent, checkExists, checkField } from "./check-object";
import { checkEndpointsReady, checkServiceSelects } from "./check-service";
import { checkPodReplaced, checkWorkloadReady } from "./check-workload";
import type { Snapshot } from "./snapshot";

/** One verdict for each task, in the order in which the document first names them. Changes nothing. */
export function evaluate(document: ChecksDocument, snapshot: Snapshot): TaskVerdict[] {
  return verdictsOf(document, (check) => failureOf(check, snapshot));
}

/** The verdicts before the cluster has been looked at. */
export function unseen(document: ChecksDocument): TaskVerdict[] {
  return verdictsOf(document, () => ({ code: "not-looked-yet", params: {} }));
}

function verdictsOf(document: ChecksDocument, judge: (check: Check) => CheckMessage | undefined): TaskVerdict[] {
  const tasks = new Map<string, TaskVerdict["checks"]>();
  for (const check of document.checks) {
    const message = judge(check);
    const checks = tasks.get(check.task) ?? [];
    checks.push({ checkId: check.id, passed: message === undefined, ...(message && { message }) });
    tasks.set(check.task, checks);
  }
  return [...tasks].map(([taskId, checks]) => {
    const message = checks.find((check) => !check.passed)?.message;
    return { taskId, passed: message === undefined, checks, ...(message && { message }) };
  });
}

/** Why the check does not pass; `undefined` when it does. */
function failureOf(check: Check, snapshot: Snapshot): CheckMessage | undefined {
  switch (check.that) {
    case "exists":
      return checkExists(check, snapshot);
    case "absent":
      return checkAbsent(check, snapshot);
    case "field":
      return checkField(check, snapshot);
    case "workloadReady":
      return checkWorkloadReady(check, snapshot);
    case "serviceSelects":
      return checkServiceSelects(check, snapshot);
    case "endpointsReady":
      return checkEndpointsReady(check, snapshot);
    case "podReplaced":
      return checkPodReplaced(check, snapshot);
  }
}
