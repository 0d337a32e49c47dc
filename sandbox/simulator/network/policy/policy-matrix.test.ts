import { describe, expect, it } from "vitest";
import type { Namespace, NetworkPolicy, NetworkPolicySpec, Pod } from "../../api/generated/kubernetes";
import { NAMESPACES, NETWORK_POLICIES, PODS } from "../../client/resources";
import { FakeClock } from "../../clock";
import { SeededRandom } from "../../random";
import { scriptedInformer } from "../scripted-informer";
import { VirtualNetwork } from "../virtual-network";
import { PolicyFilter } from "./policy-filter";

/** Who may reach whom, said by hand for each case: pods as `namespace/name`, ports 80 (named `web`) and 81. */
interface Case {
  readonly name: string;
  readonly policies: readonly (NetworkPolicySpec & { readonly in: string })[];
  readonly allowed: (from: string, to: string, port: number) => boolean;
}

const IN_X = /^x\//;
const all = { podSelector: {} };
const pod = (name: string) => ({ matchLabels: { pod: name } });
const ns = (name: string) => ({ matchLabels: { ns: name } });
const address = (name: string): string => `10.244.${1 + (name.charCodeAt(2) % 2)}.${addressNumber(name)}`;
const addressNumber = (name: string): number => 10 * (name.charCodeAt(0) - "w".charCodeAt(0)) + name.charCodeAt(2) - 96;

const CASES: readonly Case[] = [
  { name: "no policy at all", policies: [], allowed: () => true },
  {
    name: "default deny of ingress",
    policies: [{ in: "x", ...all, policyTypes: ["Ingress"] }],
    allowed: (_, to) => !IN_X.test(to),
  },
  {
    name: "default deny of egress",
    policies: [{ in: "x", ...all, policyTypes: ["Egress"] }],
    allowed: (from) => !IN_X.test(from),
  },
  {
    name: "default deny both ways",
    policies: [{ in: "x", ...all, policyTypes: ["Ingress", "Egress"] }],
    allowed: (from, to) => !IN_X.test(from) && !IN_X.test(to),
  },
  {
    name: "an empty ingress rule allows all",
    policies: [{ in: "x", ...all, ingress: [{}], policyTypes: ["Ingress"] }],
    allowed: () => true,
  },
  {
    name: "an empty egress rule allows all, types left to default to ingress too",
    policies: [{ in: "x", ...all, egress: [{}] }],
    allowed: (_, to) => !IN_X.test(to),
  },
  {
    name: "deny for one pod only",
    policies: [{ in: "x", podSelector: pod("a"), policyTypes: ["Ingress"] }],
    allowed: (_, to) => to !== "x/a",
  },
  {
    name: "a pod selector means the policy's own namespace",
    policies: [{ in: "x", podSelector: pod("a"), ingress: [{ from: [{ podSelector: pod("b") }] }] }],
    allowed: (from, to) => to !== "x/a" || from === "x/b",
  },
  {
    name: "a namespace selector means all its pods",
    policies: [{ in: "x", podSelector: pod("a"), ingress: [{ from: [{ namespaceSelector: ns("y") }] }] }],
    allowed: (from, to) => to !== "x/a" || from.startsWith("y/"),
  },
  {
    name: "both selectors in one peer: both must hold",
    policies: [
      {
        in: "x",
        podSelector: pod("a"),
        ingress: [{ from: [{ namespaceSelector: ns("y"), podSelector: pod("b") }] }],
      },
    ],
    allowed: (from, to) => to !== "x/a" || from === "y/b",
  },
  {
    name: "two peers in one rule: either will do",
    policies: [
      {
        in: "x",
        podSelector: pod("a"),
        ingress: [{ from: [{ namespaceSelector: ns("y") }, { podSelector: pod("b") }] }],
      },
    ],
    allowed: (from, to) => to !== "x/a" || from.startsWith("y/") || from === "x/b",
  },
  {
    name: "an empty namespace selector means all namespaces",
    policies: [
      { in: "x", podSelector: pod("a"), ingress: [{ from: [{ namespaceSelector: {}, podSelector: pod("c") }] }] },
    ],
    allowed: (from, to) => to !== "x/a" || from.endsWith("/c"),
  },
  {
    name: "expressions: pods but one, namespaces but one",
    policies: [
      {
        in: "x",
        podSelector: { matchExpressions: [{ key: "pod", operator: "NotIn", values: ["c"] }] },
        ingress: [
          { from: [{ namespaceSelector: { matchExpressions: [{ key: "ns", operator: "NotIn", values: ["z"] }] } }] },
        ],
      },
    ],
    allowed: (from, to) => !(to === "x/a" || to === "x/b") || !from.startsWith("z/"),
  },
  {
    name: "one port by number",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ port: 80 }] }] }],
    allowed: (_, to, port) => !IN_X.test(to) || port === 80,
  },
  {
    name: "one port by name",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ port: "web" }] }] }],
    allowed: (_, to, port) => !IN_X.test(to) || port === 80,
  },
  {
    name: "a name that no container declares",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ port: "metrics" }] }] }],
    allowed: (_, to) => !IN_X.test(to),
  },
  {
    name: "a range of ports",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ port: 81, endPort: 90 }] }] }],
    allowed: (_, to, port) => !IN_X.test(to) || port === 81,
  },
  {
    name: "ports of another protocol",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ protocol: "UDP", port: 80 }] }] }],
    allowed: (_, to) => !IN_X.test(to),
  },
  {
    name: "a protocol without a port",
    policies: [{ in: "x", ...all, ingress: [{ ports: [{ protocol: "TCP" }] }] }],
    allowed: () => true,
  },
  {
    name: "two ports in two rules with peers of their own",
    policies: [
      {
        in: "x",
        podSelector: pod("a"),
        ingress: [
          { from: [{ namespaceSelector: ns("y") }], ports: [{ port: 80 }] },
          { from: [{ namespaceSelector: ns("z") }], ports: [{ port: 81 }] },
        ],
      },
    ],
    allowed: (from, to, port) => to !== "x/a" || from.startsWith(port === 80 ? "y/" : "z/"),
  },
  {
    name: "two policies for one pod add up",
    policies: [
      { in: "x", podSelector: pod("a"), ingress: [{ from: [{ namespaceSelector: ns("y") }] }] },
      { in: "x", podSelector: pod("a"), ingress: [{ ports: [{ port: 81 }] }] },
    ],
    allowed: (from, to, port) => to !== "x/a" || from.startsWith("y/") || port === 81,
  },
  {
    name: "a deny beside an allow takes nothing away",
    policies: [
      { in: "x", ...all, policyTypes: ["Ingress"] },
      { in: "x", ...all, ingress: [{ from: [{ namespaceSelector: {} }] }] },
    ],
    allowed: () => true,
  },
  {
    name: "a block of addresses with a hole",
    policies: [
      {
        in: "x",
        podSelector: pod("a"),
        ingress: [
          { from: [{ ipBlock: { cidr: "10.244.0.0/16", except: [`${address("y/b")}/32`, "10.244.1.30/31"] } }] },
        ],
      },
    ],
    // 10.244.1.30/31 holds 30 and 31; z/a is 10.244.2.31 and so outside of it.
    allowed: (from, to) => to !== "x/a" || from !== "y/b",
  },
  {
    name: "a block of addresses elsewhere",
    policies: [{ in: "x", podSelector: pod("a"), ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }] }],
    allowed: (_, to) => to !== "x/a",
  },
  {
    name: "egress to a namespace, on a port",
    policies: [
      {
        in: "x",
        ...all,
        policyTypes: ["Egress"],
        egress: [{ to: [{ namespaceSelector: ns("y") }], ports: [{ port: 80 }] }],
      },
    ],
    allowed: (from, to, port) => !IN_X.test(from) || (to.startsWith("y/") && port === 80),
  },
  {
    name: "egress by the name of the destination's port",
    policies: [{ in: "x", ...all, policyTypes: ["Egress"], egress: [{ ports: [{ port: "web" }] }] }],
    allowed: (from, _, port) => !IN_X.test(from) || port === 80,
  },
  {
    name: "egress to one address",
    policies: [
      {
        in: "x",
        podSelector: pod("b"),
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: `${address("z/c")}/32` } }] }],
      },
    ],
    allowed: (from, to) => from !== "x/b" || to === "z/c",
  },
  {
    name: "both ends must agree",
    policies: [
      { in: "x", ...all, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: ns("y") }] }] },
      { in: "y", ...all, ingress: [{ from: [{ podSelector: pod("a"), namespaceSelector: {} }] }] },
    ],
    allowed: (from, to) => (!IN_X.test(from) || to.startsWith("y/")) && (!to.startsWith("y/") || from.endsWith("/a")),
  },
  {
    name: "ingress and egress in one policy",
    policies: [
      {
        in: "x",
        podSelector: pod("a"),
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [{ podSelector: pod("b") }], ports: [{ port: 80 }] }],
        egress: [{ to: [{ podSelector: pod("c") }] }],
      },
    ],
    allowed: (from, to, port) => (to !== "x/a" || (from === "x/b" && port === 80)) && (from !== "x/a" || to === "x/c"),
  },
  {
    name: "deny in every namespace",
    policies: ["x", "y", "z"].map((each) => ({ in: each, ...all, policyTypes: ["Ingress"] })),
    allowed: () => false,
  },
];

const NAMES = ["x", "y", "z"].flatMap((namespace) => ["a", "b", "c"].map((name) => `${namespace}/${name}`));

async function world(policies: Case["policies"]) {
  const clock = new FakeClock();
  const network = new VirtualNetwork({ clock, random: new SeededRandom(1) });
  const objects = policies.map(({ in: namespace, ...spec }, index): NetworkPolicy => ({
    metadata: { namespace, name: `policy-${index}` },
    spec,
  }));
  const pods = NAMES.map((name): Pod => {
    const [namespace = "", own = ""] = name.split("/");
    const ports = [{ name: "web", containerPort: 80 }, { containerPort: 81 }];
    return {
      metadata: { namespace, name: own, labels: { pod: own } },
      spec: { containers: [{ name: "c", image: "nginx", ports }] },
    };
  });
  const namespaces = ["x", "y", "z"].map((name): Namespace => ({ metadata: { name, labels: { ns: name } } }));
  network.addFilter(
    new PolicyFilter({
      policies: (await scriptedInformer(clock, NETWORK_POLICIES, objects)).informer,
      pods: (await scriptedInformer(clock, PODS, pods)).informer,
      namespaces: (await scriptedInformer(clock, NAMESPACES, namespaces)).informer,
    }),
  );
  const hosts = new Map(
    NAMES.map((name) => {
      const host = network.attach(address(name), { kind: "pod", name, node: `node-${address(name).slice(7, 8)}` });
      for (const port of [80, 81]) host.listen({ port }, (connection) => connection.writer.end());
      return [name, host] as const;
    }),
  );
  const node = network.attach("172.18.0.3", { kind: "node", name: "node-1" });
  return { hosts, node };
}

describe("network policies between 3 namespaces of 3 pods with 2 ports", () => {
  it.each(CASES)("$name", async ({ policies, allowed }) => {
    const { hosts } = await world(policies);
    const wrong: string[] = [];
    for (const [from, host] of hosts) {
      for (const to of NAMES) {
        for (const port of [80, 81]) {
          // Nobody can keep a pod from itself.
          const expected = from === to || allowed(from, to, port) ? "connected" : "timeout";
          const { outcome } = host.probe("TCP", { address: address(to), port });
          if (outcome !== expected) wrong.push(`${from} -> ${to}:${port} is ${outcome}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("lets a node reach its own pods, and no others that are closed", async () => {
    const { node } = await world([{ in: "x", podSelector: {}, policyTypes: ["Ingress", "Egress"] }]);
    const outcomes = ["x/a", "x/b", "x/c"].map((name) => [
      address(name).slice(0, 8),
      node.probe("TCP", { address: address(name), port: 80 }).outcome,
    ]);
    expect(outcomes).toEqual([
      ["10.244.2", "timeout"],
      ["10.244.1", "connected"],
      ["10.244.2", "timeout"],
    ]);
  });

  it("tells which policies decided", async () => {
    const { hosts } = await world([{ in: "x", podSelector: pod("a"), policyTypes: ["Ingress"] }]);
    const { hops } = hosts.get("y/b")!.probe("TCP", { address: address("x/a"), port: 80 });
    expect(hops.map(({ kind }) => kind)).toEqual(["host", "policy", "dropped"]);
    expect(hops[1]?.detail).toEqual({ verdict: "denied", direction: "ingress", pod: "x/a", policies: "x/policy-0" });
  });
});
