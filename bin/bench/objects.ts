/** 1 KB of data. */
export function configMap(name: string): string {
  const data = { "settings.ini": `; ${name}\n`.padEnd(1024, "colour = blue\n") };
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { app: "bench" } }, data });
}

/** No node takes it: it is written once and then left alone. */
export function pendingPod(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "bench" } },
    spec: { schedulerName: "nobody", containers: [{ name: "main", image: "nginx:1.27" }] },
  });
}

/** A pod that a node has. */
export function boundPod(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "bench" } },
    spec: { nodeName: "kind-worker", containers: [{ name: "main", image: "nginx:1.27" }] },
  });
}

/** The status that a kubelet writes once the pod runs. */
export function runningStatus(index: number): object {
  const now = "2026-01-01T00:00:00Z";
  const condition = (type: string): object => ({ type, status: "True", lastProbeTime: null, lastTransitionTime: now });
  const ip = `10.244.${index >> 8}.${index & 255}`;
  return {
    phase: "Running",
    conditions: ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition),
    hostIP: "172.18.0.3",
    hostIPs: [{ ip: "172.18.0.3" }],
    podIP: ip,
    podIPs: [{ ip }],
    startTime: now,
    containerStatuses: [
      {
        name: "main",
        state: { running: { startedAt: now } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: "docker.io/library/nginx:1.27",
        imageID: `docker.io/library/nginx@sha256:${"0".repeat(64)}`,
        containerID: `containerd://${String(index).padStart(64, "0")}`,
        started: true,
      },
    ],
    qosClass: "BestEffort",
  };
}
