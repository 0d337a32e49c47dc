import { describe, expect, it } from "vitest";
import type { LimitRangeItem, Pod, PodSpec } from "../../api/generated/kubernetes";
import type { KubeObject } from "../../api/object";
import type { ApiRequest } from "../../api/request";
import { FakeClock } from "../../clock";
import { SeededRandom } from "../../random";
import { createApiServer } from "../api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };

async function freshServer(labels: Record<string, string> = {}) {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) =>
    await server.handler.handle({ group: "", version: "v1", user: ADMIN, options: {}, ...request });
  const create = (resource: string, body: KubeObject & object, group = "") =>
    send({ verb: "create", group, resource, namespace: "team", body });
  const relabel = (wanted: Record<string, string>) =>
    send({
      verb: "patch",
      patchType: "merge",
      resource: "namespaces",
      name: "team",
      body: { metadata: { labels: wanted } },
    });
  await send({ verb: "create", resource: "namespaces", body: { metadata: { name: "team", labels } } });
  await create("serviceaccounts", { metadata: { name: "default" } });
  const run = async (spec: Partial<PodSpec>, name = "web") => {
    const containers = [{ name: "nginx", image: "nginx" }];
    return await create("pods", { metadata: { name }, spec: { containers, ...spec } } as Pod);
  };
  return { send, create, relabel, run };
}

describe("limit ranges", () => {
  const limited = async (...limits: LimitRangeItem[]) => {
    const fresh = await freshServer();
    const { object } = await fresh.create("limitranges", {
      metadata: { name: "bounds" },
      spec: { limits },
    } as KubeObject);
    return { ...fresh, range: object };
  };
  const asking = (requests: Record<string, string>, limits: Record<string, string>) => ({
    containers: [{ name: "nginx", image: "nginx", resources: { requests, limits } }],
  });

  it("give silent containers their defaults, and say so", async () => {
    const { run } = await limited({ type: "Container", default: { cpu: "500m" }, defaultRequest: { memory: "64Mi" } });
    const { object } = await run({});
    expect((object as Pod).metadata?.annotations).toEqual({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: cpu, memory request for container nginx; cpu limit for container nginx",
    });
    expect((object as Pod).spec?.containers[0]?.resources).toEqual({
      limits: { cpu: "500m" },
      requests: { cpu: "500m", memory: "64Mi" },
    });
  });

  it("fill each other in for containers", async () => {
    const { range } = await limited({ type: "Container", max: { cpu: "1" }, min: { cpu: "100m", memory: "1Mi" } });
    expect(range).toMatchObject({
      spec: { limits: [{ default: { cpu: "1" }, defaultRequest: { cpu: "1", memory: "1Mi" } }] },
    });
  });

  it("refuse containers and pods outside of their bounds", async () => {
    const { run } = await limited(
      { type: "Container", min: { cpu: "100m" }, max: { cpu: "1" }, maxLimitRequestRatio: { cpu: "2" } },
      { type: "Pod", max: { memory: "1Gi" } },
    );
    await expect(run(asking({ cpu: "50m", memory: "1Gi" }, { cpu: "2", memory: "2Gi" }))).rejects.toThrow(
      'pods "web" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, ' +
        "maximum cpu usage per Container is 1, but limit is 2, " +
        "cpu max limit to request ratio per Container is 2, but provided ratio is 40.000000, " +
        "maximum memory usage per Pod is 1Gi, but limit is 2Gi]",
    );
    await expect(run(asking({ cpu: "1" }, { cpu: "1" }))).rejects.toThrow(
      'pods "web" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified',
    );
  });

  it("are refused themselves when they contradict each other", async () => {
    await expect(limited({ type: "Container", min: { cpu: "2" }, max: { cpu: "1" } })).rejects.toThrow(
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    );
  });
});

describe("pod security", () => {
  const ENFORCE = "pod-security.kubernetes.io/enforce";
  const WARN = "pod-security.kubernetes.io/warn";
  const FAULTS =
    'allowPrivilegeEscalation != false (container "nginx" must set securityContext.allowPrivilegeEscalation=false), ' +
    'unrestricted capabilities (container "nginx" must set securityContext.capabilities.drop=["ALL"]), ' +
    'runAsNonRoot != true (pod or container "nginx" must set securityContext.runAsNonRoot=true), ' +
    'seccompProfile (pod or container "nginx" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
  const modest: Partial<PodSpec> = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "nginx",
        image: "nginx",
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  };

  it("refuses pods beyond the enforced level with all that is wrong", async () => {
    const { run } = await freshServer({ [ENFORCE]: "restricted" });
    await expect(run({})).rejects.toThrow(
      `pods "web" is forbidden: violates PodSecurity "restricted:latest": ${FAULTS}`,
    );
    expect((await run(modest)).code).toBe(201);
  });

  it("lets ordinary pods pass the baseline, and none that reach for the node", async () => {
    const { run } = await freshServer({ [ENFORCE]: "baseline" });
    expect((await run({})).warnings).toEqual([]);
    const containers = [
      { name: "a", image: "a", ports: [{ containerPort: 80, hostPort: 80 }], securityContext: { privileged: true } },
      { name: "b", image: "b", securityContext: { capabilities: { add: ["NET_ADMIN"] } } },
    ];
    const volumes = [{ name: "root", hostPath: { path: "/" } }];
    await expect(run({ containers, volumes, hostPID: true }, "bad")).rejects.toThrow(
      'non-default capabilities (container "b" must not include "NET_ADMIN" in securityContext.capabilities.add), ' +
        'host namespaces (hostPID=true), hostPath volumes (volume "root"), hostPort (container "a" uses hostPort 80), ' +
        'privileged (container "a" must not set securityContext.privileged=true)',
    );
  });

  it("only warns of workloads, and of pods where it says warn", async () => {
    const { run, create } = await freshServer({ [ENFORCE]: "baseline", [WARN]: "restricted" });
    const warning = `would violate PodSecurity "restricted:latest": ${FAULTS}`;
    expect((await run({})).warnings).toEqual([warning]);
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "nginx" }] } };
    const deployment = { metadata: { name: "web" }, spec: { selector: { matchLabels: labels }, template } };
    expect((await create("deployments", deployment as KubeObject, "apps")).warnings).toEqual([warning]);
  });

  it("warns of pods that a new level would not let in, and refuses levels it does not know", async () => {
    const { run, relabel } = await freshServer();
    await run({ hostNetwork: true }, "a");
    await run({ hostNetwork: true }, "b");
    await run({}, "c");
    expect((await relabel({ [ENFORCE]: "baseline" })).warnings).toEqual([
      'existing pods in namespace "team" violate the new PodSecurity enforce level "baseline:latest"',
      "a (and 1 other pod): host namespaces",
    ]);
    await expect(relabel({ [ENFORCE]: "strict" })).rejects.toThrow(
      `metadata.labels[${ENFORCE}]: Invalid value: "strict": must be one of privileged, baseline, restricted`,
    );
  });
});
