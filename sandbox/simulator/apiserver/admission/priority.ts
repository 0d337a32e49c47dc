import type { Pod, PriorityClass } from "../../api/generated/kubernetes";
import { forbidden } from "../../api/status";
import { PRIORITY_CLASSES } from "../../registry/references";
import type { Admission, AdmissionAttributes } from "./admission";

/** Turns a priority class's name into its number. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export const priority: Admission = {
  admit(attributes) {
    const { operation, resource, subresource, object } = attributes;
    if (operation !== "create" || resource.group !== "" || resource.name !== "pods" || subresource !== "") return;
    const { spec } = object as Pod;
    if (!spec) return;
    const chosen = classOf(spec.priorityClassName, attributes);
    if (!spec.priorityClassName && chosen) spec.priorityClassName = chosen.metadata?.name;
    const value = chosen?.value ?? 0;
    if (spec.priority !== undefined && spec.priority !== value) {
      const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
      throw refusal(attributes, why);
    }
    spec.priority = value;
    const policy = chosen ? chosen.preemptionPolicy : "PreemptLowerPriority";
    if (policy === undefined) return;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
      throw refusal(attributes, why);
    }
    spec.preemptionPolicy = policy;
  },
  validate(attributes) {
    const { resource, object, context } = attributes;
    if (!object || resource.group !== PRIORITY_CLASSES.group || resource.name !== PRIORITY_CLASSES.name)
      return undefined;
    const { globalDefault, metadata } = object as PriorityClass;
    const standing = context.list(PRIORITY_CLASSES, "").find((each) => each.globalDefault);
    if (!globalDefault || !standing || standing.metadata.name === metadata?.name) return undefined;
    const why = `PriorityClass ${standing.metadata.name} is already marked as default. Only one default can exist`;
    throw refusal(attributes, why);
  },
};

/** The class that is named, or else the default one: of several the lowest. */
function classOf(name: string | undefined, attributes: AdmissionAttributes): PriorityClass | undefined {
  const classes = attributes.context.list(PRIORITY_CLASSES, "");
  if (!name) {
    const defaults = classes.filter((each) => each.globalDefault);
    return defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
  }
  const found = classes.find(({ metadata }) => metadata.name === name);
  if (!found) throw refusal(attributes, `no PriorityClass with name ${name} was found`);
  return found;
}

function refusal({ resource, object }: AdmissionAttributes, why: string): Error {
  const { name, generateName = "" } = object?.metadata ?? {};
  return forbidden(resource, name ?? generateName, why);
}
