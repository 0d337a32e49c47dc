import type { Taint, Toleration } from "./generated/kubernetes";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export function matchesTaint({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return Boolean(key) && (value ?? "") === (taint.value ?? "");
    default:
      return false;
  }
}

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => matchesTaint(toleration, taint));
}
