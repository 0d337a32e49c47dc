import { tolerates } from "../../api/taints";
import type { Filter } from "./filter";

/** Refuses nodes with a NoSchedule or NoExecute taint that the pod does not tolerate. */
export const taintToleration: Filter = ({ pod }, { node }) => {
  const taints = (node.spec?.taints ?? []).filter((taint) => taint.effect !== "PreferNoSchedule");
  if (taints.every((taint) => tolerates(pod.spec?.tolerations, taint))) return undefined;
  return { reasons: ["node(s) had untolerated taint(s)"], resolvable: false };
};
