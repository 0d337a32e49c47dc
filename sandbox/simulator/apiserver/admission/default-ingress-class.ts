import type { Ingress } from "../../api/generated/kubernetes";
import { INGRESS_CLASSES } from "../../registry/references";
import type { Admission } from "./admission";

const DEFAULT = "ingressclass.kubernetes.io/is-default-class";
const OLD_WAY = "kubernetes.io/ingress.class";

/** An Ingress that names no class gets the default one, of several the newest. */
export const defaultIngressClass: Admission = {
  admit({ operation, resource, subresource, object, context }) {
    if (operation !== "create" || subresource !== "") return;
    if (resource.group !== "networking.k8s.io" || resource.name !== "ingresses") return;
    const ingress = object as Ingress;
    if (!ingress.spec || ingress.spec.ingressClassName !== undefined) return;
    if (ingress.metadata?.annotations?.[OLD_WAY] !== undefined) return;
    const [newest] = context
      .list(INGRESS_CLASSES, "")
      .filter(({ metadata }) => metadata.annotations?.[DEFAULT] === "true")
      .sort(
        (a, b) =>
          b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
          a.metadata.name.localeCompare(b.metadata.name),
      );
    if (newest) ingress.spec.ingressClassName = newest.metadata.name;
  },
};
