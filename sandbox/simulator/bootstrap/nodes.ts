import type { ContainerImage, Node, NodeCondition } from "../api/generated/kubernetes";
import { toTime } from "../clock";
import { standardImages } from "../containers/images/catalogue";

export const KUBERNETES_VERSION = "v1.36.2";

/** A machine of the cluster before it is an object: names and ranges as kind gives them. */
export interface NodePlan {
  readonly name: string;
  readonly address: string;
  readonly podCIDR: string;
  readonly isControlPlane: boolean;
  /** Keeps learners' pods off the control plane; a cluster of one machine cannot afford it. */
  readonly isTainted: boolean;
}

/** `kind-control-plane`, `kind-worker`, `kind-worker2`, …: `count` machines in all. */
export function planNodes(count: number): NodePlan[] {
  return Array.from({ length: count }, (_, index) => ({
    name: index === 0 ? "kind-control-plane" : `kind-worker${index === 1 ? "" : index}`,
    address: `172.18.0.${index + 2}`,
    podCIDR: `10.244.${index}.0/24`,
    isControlPlane: index === 0,
    isTainted: index === 0 && count > 1,
  }));
}

const CAPACITY = {
  cpu: "2",
  "ephemeral-storage": "264212084Ki",
  "hugepages-1Gi": "0",
  "hugepages-2Mi": "0",
  memory: "24684092Ki",
  pods: "110",
};

/** The node's object as its kubelet would have registered it, ready since `now`. */
export function nodeObject(plan: NodePlan, machineId: string, now: number): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: plan.name,
      annotations: {
        "node.alpha.kubernetes.io/ttl": "0",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
      },
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": plan.name,
        "kubernetes.io/os": "linux",
        ...(plan.isControlPlane && {
          "node-role.kubernetes.io/control-plane": "",
          "node.kubernetes.io/exclude-from-external-load-balancers": "",
        }),
      },
    },
    spec: {
      podCIDR: plan.podCIDR,
      podCIDRs: [plan.podCIDR],
      providerID: `kind://docker/kind/${plan.name}`,
      ...(plan.isTainted && {
        taints: [{ effect: "NoSchedule", key: "node-role.kubernetes.io/control-plane" }],
      }),
    },
    status: {
      addresses: [
        { address: plan.address, type: "InternalIP" },
        { address: plan.name, type: "Hostname" },
      ],
      allocatable: CAPACITY,
      capacity: CAPACITY,
      conditions: conditions(toTime(now)),
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      declaredFeatures: [
        "ExtendWebSocketsToKubelet",
        "InPlacePodLevelResourcesVerticalScaling",
        "InPlacePodVerticalScalingInitContainers",
        "RestartAllContainersOnContainerExits",
      ],
      features: { supplementalGroupsPolicy: true },
      images: imagesOf(plan),
      nodeInfo: {
        architecture: "amd64",
        bootID: machineId,
        containerRuntimeVersion: "containerd://2.4.2",
        kernelVersion: "6.18.44",
        kubeProxyVersion: "",
        kubeletVersion: KUBERNETES_VERSION,
        machineID: machineId.replaceAll("-", ""),
        operatingSystem: "linux",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        systemUUID: machineId,
      },
      runtimeHandlers: ["", "runc"].map((name) => ({
        features: { recursiveReadOnlyMounts: true, userNamespaces: false },
        name,
      })),
    },
  };
}

/** The images a node holds, the largest first, each with all of its names. */
function imagesOf(plan: NodePlan): ContainerImage[] {
  const byDigest = new Map<string, { names: string[]; sizeBytes: number }>();
  for (const { reference, digest, sizeBytes } of standardImages().preloaded(
    plan.isTainted ? "control plane" : "worker",
  )) {
    const known = byDigest.get(digest) ?? {
      names: [`${reference.slice(0, reference.lastIndexOf(":"))}@${digest}`],
      sizeBytes,
    };
    known.names.push(reference);
    byDigest.set(digest, known);
  }
  return [...byDigest.values()].sort((a, b) => b.sizeBytes - a.sizeBytes);
}

function conditions(time: string): NodeCondition[] {
  const fine = (type: string, reason: string, message: string, status = "False"): NodeCondition => ({
    lastHeartbeatTime: time,
    lastTransitionTime: time,
    message,
    reason,
    status,
    type,
  });
  return [
    fine("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    fine("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    fine("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    fine("Ready", "KubeletReady", "kubelet is posting ready status", "True"),
  ];
}
