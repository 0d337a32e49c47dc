import { describe, expect, it } from "vitest";
import type { MutatingAdmissionPolicySpec, Mutation, Pod } from "../../../api/generated/kubernetes";
import type { ApiRequest } from "../../../api/request";
import { FakeClock } from "../../../clock";
import { SeededRandom } from "../../../random";
import { createApiServer } from "../../api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };
const GROUP = "admissionregistration.k8s.io";
const PODS = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] };

const apply = (expression: string): Mutation => ({
  patchType: "ApplyConfiguration",
  applyConfiguration: { expression },
});
const patch = (expression: string): Mutation => ({ patchType: "JSONPatch", jsonPatch: { expression } });

async function freshServer() {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) =>
    await server.handler.handle({ group: "", version: "v1", namespace: "team", user: ADMIN, options: {}, ...request });
  await send({ verb: "create", resource: "namespaces", body: { metadata: { name: "team" } } });
  await send({ verb: "create", resource: "serviceaccounts", body: { metadata: { name: "default" } } });
  const policy = async (mutations: Mutation[], more: Partial<MutatingAdmissionPolicySpec> = {}, name = "change") => {
    const spec = { matchConstraints: { resourceRules: [PODS] }, reinvocationPolicy: "Never", mutations, ...more };
    const write = (resource: string, body: object) => send({ verb: "create", group: GROUP, resource, body });
    await write("mutatingadmissionpolicies", { metadata: { name }, spec });
    await write("mutatingadmissionpolicybindings", {
      metadata: { name: `${name}-binding` },
      spec: { policyName: name },
    });
  };
  const pod = async (metadata: object = {}): Promise<Pod> => {
    const spec = { containers: [{ name: "nginx", image: "nginx" }] };
    const body = { metadata: { name: "web", ...metadata }, spec };
    const { object } = await send({ verb: "create", resource: "pods", body });
    return object as Pod;
  };
  return { policy, pod };
}

describe("mutating admission policies", () => {
  it("lay a configuration over the object, item by item", async () => {
    const { policy, pod } = await freshServer();
    await policy([
      apply(`Object{
        metadata: Object.metadata{ labels: {"team": "gold"} },
        spec: Object.spec{ initContainers: [Object.spec.initContainers{ name: "mesh", image: "mesh:1", restartPolicy: "Always" }] }
      }`),
    ]);
    const { metadata, spec } = await pod({ labels: { app: "web" } });
    expect(metadata?.labels).toEqual({ app: "web", team: "gold" });
    expect(spec?.initContainers).toMatchObject([{ name: "mesh", image: "mesh:1", imagePullPolicy: "IfNotPresent" }]);
    expect(spec?.containers).toMatchObject([{ name: "nginx" }]);
  });

  it("patch, with keys escaped and variables at hand", async () => {
    const { policy, pod } = await freshServer();
    const variables = [{ name: "key", expression: "'example.com/team'" }];
    await policy(
      [
        patch(`[
          JSONPatch{op: "add", path: "/metadata/annotations", value: {"a": "b"}},
          JSONPatch{op: "add", path: "/metadata/annotations/" + jsonPatch.escapeKey(variables.key), value: object.metadata.name}
        ]`),
      ],
      { variables },
    );
    expect((await pod()).metadata?.annotations).toEqual({ a: "b", "example.com/team": "web" });
  });

  it("leave the object alone when a test in the patch fails, or a condition does not hold", async () => {
    const { policy, pod } = await freshServer();
    const add = 'JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "b"}}';
    await policy([patch(`[JSONPatch{op: "test", path: "/metadata/name", value: "other"}, ${add}]`)]);
    const matchConditions = [{ name: "no", expression: "object.metadata.name == 'other'" }];
    await policy([patch(`[${add}]`)], { matchConditions }, "never");
    expect((await pod()).metadata?.labels).toBeUndefined();
  });

  it("run again after others where they want to", async () => {
    const { policy, pod } = await freshServer();
    const count = `Object{ metadata: Object.metadata{ annotations: {"count": string(has(object.metadata.labels) ? size(object.metadata.labels) : 0)} } }`;
    await policy([apply(count)], { reinvocationPolicy: "IfNeeded" }, "a-count");
    await policy([apply(`Object{ metadata: Object.metadata{ labels: {"x": "y"} } }`)], {}, "b-label");
    expect((await pod()).metadata?.annotations).toEqual({ count: "1" });
  });

  it("refuse what they cannot do, unless that may be ignored", async () => {
    const { policy, pod } = await freshServer();
    await policy([apply(`Object{ spec: Object.spec{ tolerations: [Object.spec.tolerations{ key: "a" }] } }`)]);
    await expect(pod()).rejects.toMatchObject({
      code: 403,
      reason: "Invalid",
      message:
        "policy 'change' with binding 'change-binding' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.tolerations",
    });
    const { policy: lenient, pod: free } = await freshServer();
    await lenient([apply("Object{ metadata: Object.metadata{ labels: object.missing } }")], {
      failurePolicy: "Ignore",
    });
    expect((await free()).metadata?.labels).toBeUndefined();
  });

  it.each<[Mutation[], string]>([
    [[], "spec.mutations: Required value: mutations must contain at least one item"],
    [
      [{ patchType: "Merge" }],
      'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
    [[apply("Object{ metadata: foo }")], "spec.mutations[0].applyConfiguration.expression: Invalid value"],
  ])("are refused themselves for %j", async (mutations, why) => {
    const { policy } = await freshServer();
    await expect(policy(mutations)).rejects.toThrow(why);
  });
});
