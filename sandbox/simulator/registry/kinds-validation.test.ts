import { describe, expect, it } from "vitest";
import type { KubeObject, Stored } from "../api/object";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { modelFor } from "../schema/kind-model";
import { strategyFor } from "./registry";

const context = {
  clock: new FakeClock(),
  random: new SeededRandom(1),
  dryRun: false,
  lookup: () => undefined,
  list: () => [],
};

/** What is wrong with an object of a kind once it has its defaults, as it stands in the message; on update with `old`. */
function faults(group: string, resource: string, kind: string, body: object, old?: object): string[] {
  const strategy = strategyFor(group, resource);
  const whole = (object: object): Stored => {
    const decoded: KubeObject = modelFor({ group, version: "v1", kind })?.decode(object, "Ignore").object ?? {};
    strategy.defaults?.(decoded);
    return decoded as Stored;
  };
  const before = old && whole(old);
  const errors =
    before && strategy.validateUpdate
      ? strategy.validateUpdate(whole(body), before, context)
      : strategy.validate?.(whole(body), context);
  return (errors ?? []).map(({ text }) => text);
}

const LABELS = { app: "web" };
const template = (spec: object = {}) => ({
  metadata: { labels: LABELS },
  spec: { containers: [{ name: "nginx", image: "nginx" }], ...spec },
});
const selector = { matchLabels: LABELS };

describe("a StatefulSet", () => {
  const set = (spec: object) => ({
    metadata: { name: "db" },
    spec: { serviceName: "db", selector, template: template(), ...spec },
  });
  const check = (spec: object, old?: object) =>
    faults("apps", "statefulsets", "StatefulSet", set(spec), old && set(old));

  it.each<[object, string[]]>([
    [{}, []],
    [
      { podManagementPolicy: "Fast" },
      [`spec.podManagementPolicy: Invalid value: "Fast": must be 'OrderedReady' or 'Parallel'`],
    ],
    [
      { updateStrategy: { type: "Recreate" } },
      [`spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be 'RollingUpdate' or 'OnDelete'`],
    ],
    [
      { updateStrategy: { rollingUpdate: { partition: -1 } } },
      ["spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [{ selector: {} }, ["spec.selector: Invalid value: {}: empty selector is invalid for statefulset"]],
    [
      { template: template({ restartPolicy: "Never" }) },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      { persistentVolumeClaimRetentionPolicy: { whenScaled: "Keep" } },
      [
        'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"',
      ],
    ],
  ])("%j", (spec, texts) => {
    expect(check(spec)).toEqual(texts);
  });

  it("mounts its claims as volumes", () => {
    const containers = [{ name: "db", image: "db", volumeMounts: [{ name: "data", mountPath: "/data" }] }];
    const volumeClaimTemplates = [{ metadata: { name: "data" }, spec: {} }];
    expect(check({ template: template({ containers }), volumeClaimTemplates })).toEqual([]);
  });

  it("changes in some of its parts only", () => {
    expect(check({ replicas: 3, minReadySeconds: 5, template: template({ hostNetwork: true }) }, {})).toEqual([]);
    expect(check({ serviceName: "other" }, {})).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
  });
});

describe("a DaemonSet", () => {
  it.each<[object, string[]]>([
    [{}, []],
    [
      { updateStrategy: { type: "Recreate" } },
      ['spec.updateStrategy: Unsupported value: {"type":"Recreate"}: supported values: "RollingUpdate", "OnDelete"'],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
      ["spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"],
    ],
    [
      { updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } },
      ["spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"],
    ],
    [
      { selector: { matchLabels: { app: "api" } } },
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
  ])("%j", (spec, texts) => {
    expect(faults("apps", "daemonsets", "DaemonSet", { spec: { selector, template: template(), ...spec } })).toEqual(
      texts,
    );
  });
});

describe("roles and their bindings", () => {
  const RBAC = "rbac.authorization.k8s.io";
  const role = (rule: object) => faults(RBAC, "roles", "Role", { rules: [rule] });
  const binding = (body: object, old?: object) => faults(RBAC, "rolebindings", "RoleBinding", body, old);
  const roleRef = { kind: "Role", name: "reader", apiGroup: RBAC };

  it("say what may be done to what", () => {
    expect(role({ apiGroups: [""], resources: ["pods"], verbs: [] })).toEqual([
      "rules[0].verbs: Required value: verbs must contain at least one value",
    ]);
    expect(role({ verbs: ["get"] })).toEqual([
      "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
      "rules[0].resources: Required value: resource rules must supply at least one resource",
    ]);
    expect(role({ verbs: ["get"], nonResourceURLs: ["/metrics"] })).toEqual([
      'rules[0].nonResourceURLs: Invalid value: ["/metrics"]: namespaced rules cannot apply to non-resource URLs',
    ]);
    expect(
      faults(RBAC, "clusterroles", "ClusterRole", { rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }] }),
    ).toEqual([]);
  });

  it("bind known kinds of subjects to one role for good", () => {
    expect(binding({ roleRef, subjects: [{ kind: "User", name: "jane" }] })).toEqual([]);
    expect(binding({ roleRef: { ...roleRef, kind: "Policy" }, subjects: [{ kind: "Robot", name: "r" }] })).toEqual([
      'roleRef.kind: Unsupported value: "Policy": supported values: "Role", "ClusterRole"',
      'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    ]);
    expect(binding({ roleRef: { ...roleRef, name: "writer" } }, { roleRef })).toEqual([
      `roleRef: Invalid value: {"APIGroup":"${RBAC}","Kind":"Role","Name":"writer"}: cannot change roleRef`,
    ]);
    const cluster = {
      roleRef: { ...roleRef, kind: "ClusterRole" },
      subjects: [{ kind: "ServiceAccount", name: "ci" }],
    };
    expect(faults(RBAC, "clusterrolebindings", "ClusterRoleBinding", cluster)).toEqual([
      "subjects[0].namespace: Required value",
    ]);
  });
});

describe("smaller kinds", () => {
  it.each<[string, string, string, object, string[]]>([
    [
      "coordination.k8s.io",
      "leases",
      "Lease",
      { spec: { leaseDurationSeconds: 0 } },
      ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
    ],
    [
      "node.k8s.io",
      "runtimeclasses",
      "RuntimeClass",
      { handler: "Not valid" },
      [expect.stringContaining('handler: Invalid value: "Not valid": a lowercase RFC 1123 label') as string],
    ],
    [
      "scheduling.k8s.io",
      "priorityclasses",
      "PriorityClass",
      { metadata: { name: "p" }, value: 1, preemptionPolicy: "Maybe" },
      ['preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
    ],
    [
      "",
      "replicationcontrollers",
      "ReplicationController",
      { spec: { replicas: -1, selector: { app: "api" }, template: template() } },
      [
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
  ])("%s %s", (group, resource, kind, body, texts) => {
    expect(faults(group, resource, kind, body)).toEqual(texts);
  });

  it("keep a runtime class's handler", () => {
    expect(faults("node.k8s.io", "runtimeclasses", "RuntimeClass", { handler: "b" }, { handler: "a" })).toEqual([
      'handler: Invalid value: "b": field is immutable',
    ]);
  });
});

describe("a pod's parts", () => {
  const pod = (spec: object) =>
    faults("", "pods", "Pod", { metadata: { name: "web" }, spec: { ...template().spec, ...spec } });
  const container = (more: object) => pod({ containers: [{ name: "nginx", image: "nginx", ...more }] });

  it.each<[object, string[]]>([
    [
      { tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
      [
        `spec.tolerations[0].operator: Invalid value: {"Key":"a","Operator":"Exists","Value":"b","Effect":"","TolerationSeconds":null}: value must be empty when \`operator\` is 'Exists'`,
      ],
    ],
    [
      { tolerations: [{ key: "a", tolerationSeconds: 5 }] },
      ["spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"],
    ],
    [
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In" }] }],
            },
          },
        },
      },
      [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
    ],
    [
      {
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 101, podAffinityTerm: { topologyKey: "" } }],
          },
        },
      },
      [
        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty",
      ],
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: "zone", whenUnsatisfiable: "Never" }] },
      [
        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
      ],
    ],
    [
      { activeDeadlineSeconds: 0 },
      ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ],
    [{ dnsPolicy: "None" }, ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]],
    [
      { volumes: [{ name: "a", emptyDir: {}, hostPath: { path: "/x" } }] },
      ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      { volumes: [{ name: "a", persistentVolumeClaim: {} }] },
      ["spec.volumes[0].persistentVolumeClaim.claimName: Required value"],
    ],
    [
      { volumes: [{ name: "a", configMap: { name: "c", items: [{ key: "k", path: "../p" }] } }] },
      ["spec.volumes[0].configMap.items[0].path: Invalid value: \"../p\": must not contain '..'"],
    ],
  ])("%j", (spec, texts) => {
    expect(pod(spec)).toEqual(texts);
  });

  it.each<[object, string[]]>([
    [{ livenessProbe: {} }, ["spec.containers[0].livenessProbe: Required value: must specify a handler type"]],
    [
      { livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } },
      ["spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"],
    ],
    [
      { readinessProbe: { httpGet: { port: 0 } } },
      ["spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive"],
    ],
    [
      { readinessProbe: { exec: { command: ["true"] }, tcpSocket: { port: 80 } } },
      ["spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"],
    ],
    [
      { env: [{ name: "A=B" }] },
      [
        `spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
      ],
    ],
    [
      { env: [{ name: "A", value: "b", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
    [
      { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.foo" } } }] },
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo',
      ],
    ],
    [
      { resources: { requests: { gpu: "1" } } },
      [
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
  ])("of its container: %j", (more, texts) => {
    expect(container(more)).toEqual(texts);
  });
});
