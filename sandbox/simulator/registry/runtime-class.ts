import { invalidValue, type FieldError } from "../api/field-error";
import type { RuntimeClass } from "../api/generated/kubernetes";
import { canonicalQuantities } from "../api/quantity";
import { validateLabels } from "./metadata";
import { labelNameFaults } from "./names";
import { PLAIN_PRINTERS } from "./plain-printers";
import type { Strategy } from "./strategy";
import { validateTolerations } from "./scheduling-validation";

/** https://kubernetes.io/docs/concepts/containers/runtime-class/ */
export const runtimeClassStrategy: Strategy<RuntimeClass> = {
  printer: PLAIN_PRINTERS["node.k8s.io/runtimeclasses"],
  defaults: ({ overhead }) => canonicalQuantities(overhead?.podFixed),
  validate: validateRuntimeClass,
  validateUpdate(runtimeClass, old) {
    if (runtimeClass.handler === old.handler) return [];
    return [invalidValue("handler", runtimeClass.handler, "field is immutable")];
  },
};

function validateRuntimeClass({ handler, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...labelNameFaults(handler).map((fault) => invalidValue("handler", handler, fault)),
    ...validateLabels(scheduling?.nodeSelector, "scheduling.nodeSelector"),
    ...validateTolerations("scheduling.tolerations", scheduling?.tolerations),
  ];
}
