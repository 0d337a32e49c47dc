import { matchesNode } from "../../api/node-affinity";
import type { Filter } from "./filter";

/** Refuses nodes that lack the labels of `nodeSelector` or match no term of the required node affinity. */
export const nodeAffinity: Filter = ({ pod }, { node }) => {
  if (matchesNode(pod.spec, node)) return undefined;
  return { reasons: ["node(s) didn't match Pod's node affinity/selector"], resolvable: false };
};
