import type { CertificateSigningRequest } from "../../api/generated/kubernetes";

const HOUR_MS = 3_600_000;

/** When a request is no longer kept, epoch milliseconds: an hour after it was decided, a day after nobody cared. */
export function deadlineOf({ metadata, status }: CertificateSigningRequest): number {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return Date.parse(metadata?.creationTimestamp ?? "") + 24 * HOUR_MS;
  const deadlines = conditions.map(({ type, lastUpdateTime = "" }) => {
    if (type === "Denied" || type === "Failed") return Date.parse(lastUpdateTime) + HOUR_MS;
    if (type !== "Approved") return Infinity;
    return Date.parse(lastUpdateTime) + (status?.certificate ? 1 : 24) * HOUR_MS;
  });
  return Math.min(...deadlines);
}
