import { describe, expect, it } from "vitest";
import type {
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from "../../../api/generated/kubernetes";
import type { KubeObject } from "../../../api/object";
import type { ApiRequest } from "../../../api/request";
import { FakeClock } from "../../../clock";
import { SeededRandom } from "../../../random";
import { createApiServer } from "../../api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };
const ADMISSION = "admissionregistration.k8s.io";

async function freshServer() {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) =>
    await server.handler.handle({ group: "", version: "v1", user: ADMIN, options: {}, ...request });
  const create = (resource: string, name: string, body: object, group = "") =>
    send({ verb: "create", group, resource, namespace: "team", body: { metadata: { name }, ...body } });
  await send({
    verb: "create",
    resource: "namespaces",
    body: { metadata: { name: "team", labels: { tier: "gold" } } },
  });
  const policy = async (
    spec: Partial<ValidatingAdmissionPolicySpec>,
    bound: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
    name = "guard",
  ) => {
    await create("validatingadmissionpolicies", name, { spec: { matchConstraints: CONFIG_MAPS, ...spec } }, ADMISSION);
    const binding = { policyName: name, validationActions: ["Deny"], ...bound };
    await create("validatingadmissionpolicybindings", `${name}-binding`, { spec: binding }, ADMISSION);
  };
  const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) =>
    send({ verb: "create", resource: "configmaps", namespace: "team", body: { metadata: { name, labels }, data } });
  return { send, create, policy, configMap };
}

const CONFIG_MAPS = {
  resourceRules: [
    { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] },
  ],
};
const DENIED = `configmaps "web" is forbidden: ValidatingAdmissionPolicy 'guard' with binding 'guard-binding' denied request: `;

describe("validating admission policies", () => {
  it("refuse what their expression does not hold for, with message, expression or worked-out text", async () => {
    const { policy, configMap } = await freshServer();
    await policy({
      variables: [{ name: "size", expression: "has(object.data) ? object.data.size() : 0" }],
      validations: [
        { expression: "variables.size < 3" },
        { expression: "variables.size < 2", message: "too much", reason: "Forbidden" },
        { expression: "variables.size < 1", messageExpression: "'holds ' + string(variables.size)" },
      ],
    });
    await expect(configMap("web", { a: "", b: "", c: "" })).rejects.toMatchObject({
      code: 422,
      reason: "Invalid",
      message: `${DENIED}failed expression: variables.size < 3`,
      status: {
        details: {
          name: "web",
          kind: "configmaps",
          causes: [{ message: expect.stringContaining("failed expression") as string }],
        },
      },
    });
    await expect(configMap("web", { a: "", b: "" })).rejects.toMatchObject({ code: 403, message: `${DENIED}too much` });
    await expect(configMap("web", { a: "" })).rejects.toThrow(`${DENIED}holds 1`);
    expect((await configMap("web")).code).toBe(201);
  });

  it("warn or keep quiet where the binding says so", async () => {
    const { policy, configMap } = await freshServer();
    await policy(
      { validations: [{ expression: "false", message: "never" }] },
      { validationActions: ["Warn", "Audit"] },
    );
    expect((await configMap("web")).warnings).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'guard' with binding 'guard-binding': never",
    ]);
  });

  it("see the old object, the request, the namespace and who may do what", async () => {
    const { policy, configMap, send } = await freshServer();
    await policy({
      matchConditions: [{ name: "not-system", expression: "!request.userInfo.username.startsWith('system:')" }],
      validations: [
        { expression: "oldObject == null || object.data.key == oldObject.data.key", message: "key is fixed" },
        { expression: "namespaceObject.metadata.labels.tier == 'gold'", message: "gold only" },
        { expression: "request.operation in ['CREATE', 'UPDATE'] && request.resource.resource == 'configmaps'" },
        { expression: "authorizer.group('').resource('pods').namespace('team').check('delete').allowed()" },
        { expression: "authorizer.requestResource.check('create').allowed()" },
      ],
    });
    await configMap("web", { key: "a" });
    const change = (value: string, user = ADMIN) =>
      send({
        verb: "patch",
        patchType: "merge",
        resource: "configmaps",
        namespace: "team",
        name: "web",
        user,
        body: { data: { key: value } },
      });
    await expect(change("b")).rejects.toThrow(`${DENIED}key is fixed`);
    await change("c", { username: "system:somebody", groups: ["system:masters"] });
  });

  it("are about what their rules and selectors choose", async () => {
    const { policy, configMap, send } = await freshServer();
    await policy(
      {
        matchConstraints: {
          ...CONFIG_MAPS,
          objectSelector: { matchLabels: { guarded: "yes" } },
          excludeResourceRules: [{ ...CONFIG_MAPS.resourceRules[0], resourceNames: ["free"] }],
        },
        validations: [{ expression: "false", message: "no" }],
      },
      { matchResources: { namespaceSelector: { matchLabels: { tier: "gold" } } } },
    );
    await configMap("web");
    await configMap("free", {}, { guarded: "yes" });
    await expect(configMap("other", {}, { guarded: "yes" })).rejects.toThrow("denied request: no");
    const relabel = { metadata: { labels: { tier: "tin" } } };
    await send({ verb: "patch", patchType: "merge", resource: "namespaces", name: "team", body: relabel });
    await configMap("other", {}, { guarded: "yes" });
  });

  it("take parameters by name or selector, and say when there are none", async () => {
    const { policy, configMap, create } = await freshServer();
    const spec = {
      paramKind: { apiVersion: "v1", kind: "Secret" },
      validations: [{ expression: "object.data.size() <= int(params.metadata.labels.most)", message: "too much" }],
    };
    await policy(spec, { paramRef: { name: "limit", parameterNotFoundAction: "Deny" } });
    await expect(configMap("web", { a: "" })).rejects.toThrow(
      `${DENIED}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    );
    await create("secrets", "limit", { metadata: { name: "limit", labels: { most: "1" } } });
    await expect(configMap("web", { a: "", b: "" })).rejects.toThrow(`${DENIED}too much`);
    await configMap("web", { a: "" });
    await policy({ ...spec, paramKind: { apiVersion: "example.com/v1", kind: "Limit" } }, {}, "wrong");
    await expect(configMap("next", { a: "" })).rejects.toThrow(
      "ValidatingAdmissionPolicy 'wrong' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'",
    );
  });

  it("leave it to the failure policy what an expression that breaks means", async () => {
    const { policy, configMap } = await freshServer();
    const validations = [{ expression: "object.data.wanted == 'x'" }];
    await policy({ validations });
    await expect(configMap("web", { a: "" })).rejects.toThrow(
      `${DENIED}expression 'object.data.wanted == 'x'' resulted in error: no such key: wanted`,
    );
    const { policy: lenient, configMap: free } = await freshServer();
    await lenient({ validations, failurePolicy: "Ignore" });
    expect((await free("web", { a: "" })).code).toBe(201);
  });

  it("hear of deletions, and never of policies", async () => {
    const { policy, configMap, send } = await freshServer();
    const everything = [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["DELETE"], resources: ["*"] }];
    await policy({
      matchConstraints: { resourceRules: everything },
      validations: [{ expression: "object == null && oldObject.metadata.name != 'web'", message: "stays" }],
    });
    await configMap("web");
    await expect(send({ verb: "delete", resource: "configmaps", namespace: "team", name: "web" })).rejects.toThrow(
      "stays",
    );
    await send({ verb: "delete", group: ADMISSION, resource: "validatingadmissionpolicies", name: "guard" });
    await send({ verb: "delete", resource: "configmaps", namespace: "team", name: "web" });
  });

  it("match a collection in its other versions too, and judge it as such", async () => {
    const { policy, send } = await freshServer();
    const resource = "horizontalpodautoscalers";
    const rule = { apiGroups: ["autoscaling"], apiVersions: ["v1"], operations: ["*"], resources: [resource] };
    const expression = "object.spec.targetCPUUtilizationPercentage > 60 && request.kind.version == 'v1'";
    await policy({ matchConstraints: { resourceRules: [rule] }, validations: [{ expression, message: "too eager" }] });
    const target = { type: "Utilization", averageUtilization: 50 };
    const metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
    const spec = { scaleTargetRef: { kind: "Deployment", name: "web" }, maxReplicas: 3, metrics };
    const body: KubeObject & object = { metadata: { name: "web" }, ...{ spec } };
    await expect(
      send({ verb: "create", group: "autoscaling", version: "v2", resource, namespace: "team", body }),
    ).rejects.toThrow("too eager");
  });
});

describe("a policy itself", () => {
  const refused = async (spec: Partial<ValidatingAdmissionPolicySpec>): Promise<string> => {
    const { create } = await freshServer();
    try {
      await create(
        "validatingadmissionpolicies",
        "guard",
        { spec: { matchConstraints: CONFIG_MAPS, ...spec } },
        ADMISSION,
      );
      return "";
    } catch (error) {
      return error instanceof Error
        ? error.message.replace(`ValidatingAdmissionPolicy.${ADMISSION} "guard" is invalid: `, "")
        : "";
    }
  };

  it.each<[Partial<ValidatingAdmissionPolicySpec>, string]>([
    [
      {},
      "[spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]",
    ],
    [
      { validations: [{ expression: "foo" }] },
      `spec.validations[0].expression: Invalid value: "foo": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^`,
    ],
    [
      { validations: [{ expression: "request.object.x == 1" }] },
      `spec.validations[0].expression: Invalid value: "request.object.x == 1": compilation failed: ERROR: <input>:1:8: undefined field 'object'\n | request.object.x == 1\n | .......^`,
    ],
    [
      { validations: [{ expression: "1" }] },
      'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
    ],
    [
      { validations: [{ expression: "true", messageExpression: "1" }] },
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
    ],
    [
      { validations: [{ expression: "true", reason: "Bad" }] },
      'spec.validations[0].reason: Unsupported value: "Bad": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
    [
      { validations: [{ expression: "true" }], failurePolicy: "Maybe" },
      'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
    ],
    [
      { validations: [{ expression: "true" }], matchConstraints: {} },
      "spec.matchConstraints.resourceRules: Required value",
    ],
    [
      { validations: [{ expression: "params.x == 1" }] },
      `spec.validations[0].expression: Invalid value: "params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^`,
    ],
    [{ validations: [{ expression: "variables.a" }], variables: [{ name: "a", expression: "object.x == 1" }] }, ""],
    [
      { validations: [{ expression: "true" }], variables: [{ name: "if", expression: "true" }] },
      'spec.variables[0].name: Invalid value: "if": name is not a valid CEL identifier',
    ],
  ])("%j", async (spec, why) => {
    expect(await refused(spec)).toBe(why);
  });

  it("gets its defaults", async () => {
    const { create } = await freshServer();
    const spec = { matchConstraints: CONFIG_MAPS, validations: [{ expression: "true" }] };
    const { object } = await create("validatingadmissionpolicies", "guard", { spec }, ADMISSION);
    expect(object).toMatchObject({
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          matchPolicy: "Equivalent",
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [{ scope: "*" }],
        },
      },
    });
  });
});

describe("a binding", () => {
  it("says what to do, once and without contradiction", async () => {
    const { create } = await freshServer();
    const bind = (spec: object) => create("validatingadmissionpolicybindings", "b", { spec }, ADMISSION);
    await expect(bind({ policyName: "p" })).rejects.toThrow(
      "spec.validationActions: Required value: at least one validation action is required",
    );
    await expect(bind({ policyName: "p", validationActions: ["Deny", "Warn"] })).rejects.toThrow(
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn',
    );
    await expect(bind({ policyName: "p", validationActions: ["Deny"], paramRef: { name: "x" } })).rejects.toThrow(
      "spec.paramRef.parameterNotFoundAction: Required value",
    );
  });
});
