import type { Pod, PriorityClass } from "../../api/generated/kubernetes";
import { forbidden } from "../../api/status";
import { PRIORITY_CLASSES } from "../../registry/references";
import type { Admission } from "./admission";

/** Turns a priority class's name into its number. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export const priority: Admission = {
  admit({ operation, resource, subresource, object, context }) {
    if (operation !== "create" || resource.group !== "" || resource.name !== "pods" || subresource !== "") return;
    const pod = object as Pod;
    if (!pod.spec) return;
    const classes = context.list(PRIORITY_CLASSES, "");
    let chosen: PriorityClass | undefined;
    if (pod.spec.priorityClassName) {
      chosen = classes.find(({ metadata }) => metadata.name === pod.spec?.priorityClassName);
      if (!chosen) {
        const why = `no PriorityClass with name ${pod.spec.priorityClassName} was found`;
        throw forbidden(resource, pod.metadata?.name ?? pod.metadata?.generateName ?? "", why);
      }
    } else {
      const defaults = classes.filter((each) => each.globalDefault);
      chosen = defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
      if (chosen) pod.spec.priorityClassName = chosen.metadata?.name;
    }
    pod.spec.priority = chosen?.value ?? 0;
    pod.spec.preemptionPolicy ??= chosen?.preemptionPolicy ?? "PreemptLowerPriority";
  },
};
