import type { APIService } from "./generated/kubernetes";

interface LocalService {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** When the API server looks after it: `onstart`, or always, which is `true`. */
  readonly managed: "onstart" | "true";
}

/** An APIService that the API server answers for itself. `now` as objects write times; the status takes a write of its own. */
export function localService(
  { group, version, groupPriority, versionPriority, managed }: LocalService,
  now: string,
): APIService {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `${version}.${group}`, labels: { "kube-aggregator.kubernetes.io/automanaged": managed } },
    spec: { ...(group !== "" && { group }), groupPriorityMinimum: groupPriority, version, versionPriority },
    status: {
      conditions: [
        {
          lastTransitionTime: now,
          message: "Local APIServices are always available",
          reason: "Local",
          status: "True",
          type: "Available",
        },
      ],
    },
  };
}
