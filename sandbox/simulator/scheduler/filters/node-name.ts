import type { Filter } from "./filter";

/** Refuses every node but the one the pod asks for by name. */
export const nodeName: Filter = ({ pod }, { node }) => {
  const wanted = pod.spec?.nodeName;
  if (!wanted || wanted === node.metadata.name) return undefined;
  return { reasons: ["node(s) didn't match the requested node name"], resolvable: false };
};
