import type {
  FlowcontrolSubject,
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  ResourcePolicyRule,
} from "../api/generated/kubernetes";

/**
 * The API server's own queues, and which requests go to which. Nothing queues here; they are there to be read.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
 */
export function priorityLevels(): PriorityLevelConfiguration[] {
  return Object.entries(LEVELS).map(([name, [shares, lendablePercent, queues, handSize]]) => ({
    ...heading("PriorityLevelConfiguration", name),
    spec: levelSpec(shares, lendablePercent, queues, handSize),
  }));
}

export function flowSchemas(now: string): FlowSchema[] {
  return SCHEMAS.trim()
    .split("\n")
    .map((line) => {
      const [name = "", precedence, level = "", distinguisher = "", rules = "", ...subjects] = line.split(" ");
      return {
        ...heading("FlowSchema", name),
        spec: {
          ...(distinguisher !== "-" && { distinguisherMethod: { type: distinguisher } }),
          matchingPrecedence: Number(precedence),
          priorityLevelConfiguration: { name: level },
          rules: [{ ...RULES[rules], subjects: subjects.map(subjectOf) }],
        },
        status: {
          conditions: [
            {
              type: "Dangling",
              status: "False",
              lastTransitionTime: now,
              reason: "Found",
              message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
            },
          ],
        },
      };
    });
}

type Level = readonly [shares: number, lendablePercent: number, queues?: number, handSize?: number];

// One without queues turns away what is too much.
const LEVELS: Readonly<Record<string, Level>> = {
  "catch-all": [5, 0],
  exempt: [0, 0],
  "global-default": [20, 50, 128, 6],
  "leader-election": [10, 0, 16, 4],
  "node-high": [40, 25, 64, 6],
  system: [30, 33, 64, 6],
  "workload-high": [40, 50, 128, 6],
  "workload-low": [100, 90, 128, 6],
};

function levelSpec(...[shares, lendablePercent, queues, handSize = 0]: Level): PriorityLevelConfigurationSpec {
  const common = { lendablePercent, nominalConcurrencyShares: shares };
  if (shares === 0) return { exempt: common, type: "Exempt" };
  const limitResponse = queues
    ? { queuing: { handSize, queueLengthLimit: 50, queues }, type: "Queue" }
    : { type: "Reject" };
  return { limited: { ...common, limitResponse }, type: "Limited" };
}

/** Name, precedence, level, what tells flows apart, rules, subjects. */
const SCHEMAS = `
exempt 1 exempt - all group=system:masters
probes 2 exempt - probes group=system:unauthenticated group=system:authenticated
system-leader-election 100 leader-election ByUser election user=system:kube-controller-manager user=system:kube-scheduler kube-system/*
system-node-high 400 node-high ByUser nodes group=system:nodes
system-nodes 500 system ByUser all group=system:nodes
kube-controller-manager 800 workload-high ByNamespace all user=system:kube-controller-manager
kube-scheduler 800 workload-high ByNamespace all user=system:kube-scheduler
kube-system-service-accounts 900 workload-high ByNamespace all kube-system/*
service-accounts 9000 workload-low ByUser all group=system:serviceaccounts
global-default 9900 global-default ByUser all group=system:unauthenticated group=system:authenticated
catch-all 10000 catch-all ByUser all group=system:unauthenticated group=system:authenticated
`;

const ANY = ["*"];

function resources(group: string, names: string[], verbs: string[], clusterScope: boolean): ResourcePolicyRule {
  return { apiGroups: [group], ...(clusterScope && { clusterScope }), namespaces: ANY, resources: names, verbs };
}

const RULES: Readonly<Record<string, Omit<PolicyRulesWithSubjects, "subjects">>> = {
  all: {
    nonResourceRules: [{ nonResourceURLs: ANY, verbs: ANY }],
    resourceRules: [resources("*", ANY, ANY, true)],
  },
  probes: { nonResourceRules: [{ nonResourceURLs: ["/healthz", "/readyz", "/livez"], verbs: ["get"] }] },
  election: { resourceRules: [resources("coordination.k8s.io", ["leases"], ["get", "create", "update"], false)] },
  nodes: {
    resourceRules: [
      resources("", ["nodes", "nodes/status"], ANY, true),
      resources("coordination.k8s.io", ["leases"], ANY, false),
    ],
  },
};

function subjectOf(text: string): FlowcontrolSubject {
  const [kind, name = ""] = text.split("=");
  if (kind === "group") return { kind: "Group", group: { name } };
  if (kind === "user") return { kind: "User", user: { name } };
  const [namespace = "", account = ""] = text.split("/");
  return { kind: "ServiceAccount", serviceAccount: { namespace, name: account } };
}

function heading<K extends string>(kind: K, name: string) {
  return {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind,
    metadata: { name, annotations: { "apf.kubernetes.io/autoupdate-spec": "true" } },
  };
}
