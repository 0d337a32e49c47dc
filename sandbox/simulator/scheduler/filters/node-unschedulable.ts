import { tolerates } from "../../api/taints";
import type { Filter } from "./filter";

/** Refuses cordoned nodes, unless the pod tolerates the taint that goes with it. */
export const nodeUnschedulable: Filter = ({ pod }, { node }) => {
  if (!node.spec?.unschedulable) return undefined;
  const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  if (tolerates(pod.spec?.tolerations, taint)) return undefined;
  return { reasons: ["node(s) were unschedulable"], resolvable: false };
};
