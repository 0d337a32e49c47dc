import { forbidden, notFound } from "../../api/status";
import { NAMESPACES } from "../../registry/references";
import type { Admission } from "./admission";

const IMMORTAL = ["default", "kube-system", "kube-public"];

/** Nothing is created in a namespace that is missing or going away; three namespaces stay for good. */
export const namespaceLifecycle: Admission = {
  admit({ operation, resource, subresource, namespace, name, object, context }) {
    if (operation === "delete" && resource.group === "" && resource.name === "namespaces" && IMMORTAL.includes(name)) {
      throw forbidden(resource, name, "this namespace may not be deleted");
    }
    if (operation !== "create" || !resource.namespaced || subresource !== "" || namespace === "") return;
    const found = context.lookup(NAMESPACES, "", namespace);
    if (!found) throw notFound({ group: "", name: "namespaces" }, namespace);
    if (found.status?.phase !== "Terminating" && !found.metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    throw forbidden(resource, object?.metadata?.name ?? "", why, [
      { reason: "NamespaceTerminating", message, field: "metadata.namespace" },
    ]);
  },
};
