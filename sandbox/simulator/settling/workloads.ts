import type { PodTemplateSpec } from "../api/generated/kubernetes";
import type { KubeObject, ObjectKey, Resource } from "../api/object";
import type { Client } from "../client/client";
import {
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  POD_DISRUPTION_BUDGETS,
  SERVICES,
  STATEFUL_SETS,
} from "../client/resources";
import { WORKLOAD_KINDS, type Workload, type WorkloadKind } from "./operations";

export const RESOURCES: Readonly<Record<WorkloadKind, Resource>> = {
  deployment: DEPLOYMENTS,
  statefulset: STATEFUL_SETS,
  daemonset: DAEMON_SETS,
  job: JOBS,
  cronjob: CRON_JOBS,
};

export const GOOD_IMAGE = "nginx:1.27";
export const BAD_IMAGE = "nginx:nonesuch";
export const MIN_AVAILABLE = 1;

export function keyOf({ kind, name, namespace }: Workload): ObjectKey {
  return { namespace, name: `${kind}-${name}` };
}

/** Where a kind keeps the template of its pods. */
export function withTemplate(kind: WorkloadKind, template: object): object {
  return { spec: kind === "cronjob" ? { jobTemplate: { spec: { template } } } : { template } };
}

/** What makes a workload large or small. */
export function sized(kind: WorkloadKind, count: number): object {
  return {
    spec: kind === "job" ? { parallelism: count } : kind === "cronjob" ? { suspend: count === 0 } : { replicas: count },
  };
}

export function workloadObject(of: Workload, count: number): KubeObject {
  const metadata = keyOf(of);
  const labels = { app: metadata.name };
  const selector = { matchLabels: labels };
  const template: PodTemplateSpec = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: GOOD_IMAGE }] },
  };
  const once: PodTemplateSpec = {
    metadata: { labels },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox:1.36", command: ["sleep", "2"] }] },
  };
  const replicated = { replicas: count, selector, template };
  switch (of.kind) {
    case "deployment":
      return object({ metadata, spec: replicated });
    case "statefulset":
      return object({ metadata, spec: { ...replicated, serviceName: metadata.name, ...(of.name === "b" && CLAIMS) } });
    case "daemonset":
      return object({ metadata, spec: { selector, template } });
    case "job":
      return object({ metadata, spec: { completions: count, parallelism: 2, template: once } });
    case "cronjob":
      return object({ metadata, spec: { schedule: "* * * * *", jobTemplate: { spec: { template: once } } } });
  }
}

/** The second StatefulSet's pods have a volume each. */
const CLAIMS = {
  volumeClaimTemplates: [
    {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
    },
  ],
};

function object(of: KubeObject & { readonly spec: object }): KubeObject {
  return of;
}

/** A Service for each workload's pods, and a budget that lets one of them go at a time. */
export async function prepare(client: Client): Promise<void> {
  for (const kind of WORKLOAD_KINDS) {
    for (const name of ["a", "b"]) {
      const metadata = { name: `${kind}-${name}`, namespace: "default" };
      const selector = { app: metadata.name };
      await client.create(SERVICES, { metadata, spec: { selector, ports: [{ port: 80 }] } });
      if (kind !== "deployment" && kind !== "statefulset") continue;
      await client.create(POD_DISRUPTION_BUDGETS, {
        metadata,
        spec: { minAvailable: MIN_AVAILABLE, selector: { matchLabels: selector } },
      });
    }
  }
}
