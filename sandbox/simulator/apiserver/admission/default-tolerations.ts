import type { Pod, Toleration } from "../../api/generated/kubernetes";
import type { Admission } from "./admission";

const TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/** A pod stays five minutes on a node that has gone away, unless it says otherwise. */
export const defaultTolerationSeconds: Admission = {
  admit({ operation, resource, subresource, object }) {
    if (operation === "delete" || resource.group !== "" || resource.name !== "pods" || subresource !== "") return;
    const { spec } = object as Pod;
    if (!spec) return;
    const has = (key: string): boolean => (spec.tolerations ?? []).some((each) => covers(each, key));
    const missing = TAINTS.filter((key) => !has(key));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
    spec.tolerations = [...(spec.tolerations ?? []), ...added];
  },
};

function covers({ key = "", effect = "" }: Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === "");
}
