import { describe, expect, it } from "vitest";
import { modesOf, type Facts } from "./modes.mjs";

const GIB = 1024 ** 3;
const ALL: Facts = {
  platform: "linux",
  isRoot: true,
  runc: "1.1.5",
  mmdebstrap: true,
  userNamespaces: 90_000,
  allCapabilities: true,
  kind: "0.33.0",
  engine: { command: "docker", version: "28.2.2" },
  nodeImage: "kindest/node",
  nodeImagePresent: true,
  memoryBytes: 16 * GIB,
  kindBytes: 4 * GIB,
  kubeconfig: { path: "/etc/k", mayMakeNamespaces: true },
  chosen: { driver: "simulated", choice: [] },
};

const mode = (name: string, facts: Partial<Facts>) =>
  modesOf({ ...ALL, ...facts }).find((one) => one.name.endsWith(name));

describe("what works on a machine", () => {
  it("is all of it where all is there, but for what asks for an ordinary user or a program of its own", () => {
    const states = modesOf(ALL).map(({ name, state }) => [name, state]);
    expect(Object.fromEntries(states)).toEqual({
      "clusters: simulated": "works",
      "clusters: existing": "works",
      "clusters: kind": "works",
      "workstations: oci": "works",
      "workstations: runsc": "missing",
      "workstations: host": "missing",
    });
    expect(mode("kind", {})?.found).toContain("room for 4");
  });

  it.each<[string, Partial<Facts>, string, string]>([
    ["existing", { kubeconfig: undefined }, "no kubeconfig", "SLIPWAY_KUBECONFIG"],
    [
      "existing",
      { kubeconfig: { path: "/etc/k", said: "connection refused" } },
      "refused",
      "kubectl --kubeconfig /etc/k",
    ],
    ["existing", { kubeconfig: { path: "/etc/k", mayMakeNamespaces: false } }, "may not make namespaces", "right"],
    ["kind", { engine: { command: "docker", said: "not found" } }, "not found", "apt-get install -y docker.io"],
    ["kind", { engine: { command: "podman", said: "not found" } }, "not found", "apt-get install -y podman"],
    ["kind", { kind: undefined }, "no kind", "go install sigs.k8s.io/kind"],
    ["kind", { allCapabilities: false }, "privileged", "DOCKER_HOST"],
    ["kind", { memoryBytes: 2 * GIB }, "4.0 GiB", "SLIPWAY_KIND_WORKERS=0"],
    ["oci", { platform: "darwin" }, "Linux", "host mode"],
    ["oci", { isRoot: false }, "root", "sudo npm start"],
    ["oci", { runc: undefined, mmdebstrap: false }, "no runc, no mmdebstrap", "apt-get install -y runc mmdebstrap"],
    ["oci", { userNamespaces: 0 }, "off", "sysctl"],
    ["runsc", {}, "no runsc", "gvisor.dev"],
    ["host", {}, "never as root", "ordinary user"],
  ])("says of %s what is missing and what mends it", (name, facts, found, remedy) => {
    const judged = mode(name, facts);
    expect(judged).toMatchObject({ state: "missing" });
    expect(judged?.found).toContain(found);
    expect(judged?.remedy).toContain(remedy);
  });

  it("says how to get the nodes' image beforehand", () => {
    expect(mode("kind", { nodeImagePresent: false })?.found).toContain("docker pull kindest/node");
  });

  it("wants what the installation is set to, and simulated clusters always", () => {
    const wanted = modesOf({ ...ALL, chosen: { driver: "existing", choice: ["kind"] } }).filter((one) => one.wanted);
    expect(wanted.map(({ name }) => name)).toEqual([
      "clusters: simulated",
      "clusters: existing",
      "clusters: kind",
      "workstations: oci",
    ]);
    const plain = modesOf({ ...ALL, isRoot: false }).filter((one) => one.wanted);
    expect(plain.map(({ name }) => name)).toContain("workstations: host");
  });
});
