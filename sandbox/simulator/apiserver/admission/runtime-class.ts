import type { Pod, RuntimeClass, Toleration } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import { forbidden } from "../../api/status";
import { RUNTIME_CLASSES } from "../../registry/references";
import type { Admission, AdmissionAttributes } from "./admission";

/**
 * Gives a pod what its runtime class says: what the runtime itself costs, and on which nodes it is there.
 * https://kubernetes.io/docs/concepts/containers/runtime-class/
 */
export const runtimeClass: Admission = {
  admit(attributes) {
    if (!isNewPod(attributes)) return;
    const { spec } = attributes.object as Pod;
    const found = classOf(attributes);
    if (!spec || !found) return;
    const overhead = found.overhead?.podFixed;
    if (overhead) {
      if (spec.overhead && !equalJson(spec.overhead, overhead)) throw refusal(attributes, MISMATCH);
      spec.overhead = { ...overhead };
    }
    if (!found.scheduling) return;
    const nodeSelector = { ...spec.nodeSelector };
    for (const [key, wanted] of Object.entries(found.scheduling.nodeSelector ?? {})) {
      const own = nodeSelector[key];
      if (own !== undefined && own !== wanted) {
        const conflict = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted}; pod.spec.nodeSelector[${key}] = ${own}`;
        throw refusal(attributes, conflict);
      }
      nodeSelector[key] = wanted;
    }
    if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = nodeSelector;
    const tolerations = merged(spec.tolerations ?? [], found.scheduling.tolerations ?? []);
    if (tolerations.length > 0) spec.tolerations = tolerations;
  },
  validate(attributes) {
    if (!isNewPod(attributes)) return undefined;
    const { spec } = attributes.object as Pod;
    const overhead = classOf(attributes)?.overhead?.podFixed;
    if (overhead && !equalJson(overhead, spec?.overhead)) throw refusal(attributes, MISMATCH);
    if (!overhead && spec?.overhead) {
      throw refusal(attributes, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
    return undefined;
  },
};

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function isNewPod({ operation, resource, subresource }: AdmissionAttributes): boolean {
  return operation === "create" && resource.group === "" && resource.name === "pods" && subresource === "";
}

function classOf(attributes: AdmissionAttributes): Stored<RuntimeClass> | undefined {
  const name = (attributes.object as Pod).spec?.runtimeClassName;
  if (name === undefined) return undefined;
  const found = attributes.context.lookup(RUNTIME_CLASSES, "", name);
  if (!found) throw refusal(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

function merged(own: readonly Toleration[], more: readonly Toleration[]): Toleration[] {
  return [...own, ...more.filter((each) => !own.some((known) => equalJson(known, each))).map((each) => ({ ...each }))];
}

function refusal({ resource, object }: AdmissionAttributes, why: string): Error {
  const { name, generateName = "" } = object?.metadata ?? {};
  return forbidden(resource, name ?? generateName, why);
}
