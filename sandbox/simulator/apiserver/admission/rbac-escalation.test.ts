import { beforeEach, describe, expect, it } from "vitest";
import type { PolicyRule } from "../../api/generated/kubernetes";
import type { KubeObject } from "../../api/object";
import type { ApiRequest, UserInfo } from "../../api/request";
import { FakeClock } from "../../clock";
import { SeededRandom } from "../../random";
import { createApiServer } from "../api-server";

const GROUP = "rbac.authorization.k8s.io";
const ADMIN: UserInfo = { username: "kubernetes-admin", groups: ["system:masters"] };
const DANA: UserInfo = { username: "dana", groups: ["team", "system:authenticated"] };

describe("writing roles and bindings", () => {
  let send: (user: UserInfo, resource: string, body: object, verb?: ApiRequest["verb"]) => Promise<unknown>;

  const role = (name: string, rules: PolicyRule[]) => ({ metadata: { name }, rules });
  const binding = (name: string, roleName: string, user: string, kind = "Role") => ({
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind, name: roleName },
    subjects: [{ kind: "User", apiGroup: GROUP, name: user }],
  });
  const pods = (...verbs: string[]): PolicyRule => ({ apiGroups: [""], resources: ["pods"], verbs });

  beforeEach(async () => {
    const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
    send = async (user, resource, body, verb = "create") =>
      await server.handler.handle({
        verb,
        group: resource === "namespaces" ? "" : GROUP,
        version: "v1",
        resource,
        namespace: "team",
        ...(verb === "update" && { name: (body as KubeObject).metadata?.name }),
        body,
        user,
        options: {},
      });
    await send(ADMIN, "namespaces", { metadata: { name: "team" } });
    const writing = { apiGroups: [GROUP], resources: ["roles", "rolebindings"], verbs: ["create", "update"] };
    await send(ADMIN, "roles", role("writer", [writing, pods("get", "list")]));
    await send(ADMIN, "rolebindings", binding("writer", "writer", "dana"));
    await send(ADMIN, "roles", role("strong", [pods("*")]));
  });

  it("lets pass on what one has", async () => {
    await send(DANA, "roles", role("reader", [pods("get")]));
    await send(DANA, "rolebindings", binding("reader", "reader", "kim"));
  });

  it("refuses what one does not have, and lists it", async () => {
    const wanted = [
      pods("get", "delete", "create"),
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["a"], verbs: ["get"] },
    ];
    await expect(send(DANA, "roles", role("more", wanted))).rejects.toMatchObject({
      status: {
        code: 403,
        message: `roles.rbac.authorization.k8s.io "more" is forbidden: user "dana" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete" "create"]}
{APIGroups:[""], Resources:["secrets"], ResourceNames:["a"], Verbs:["get"]}`,
      },
    });
  });

  it("refuses to bind a stronger role", async () => {
    await expect(send(DANA, "rolebindings", binding("me", "strong", "dana"))).rejects.toMatchObject({
      status: {
        code: 403,
        message: expect.stringContaining('{APIGroups:[""], Resources:["pods"], Verbs:["*"]}') as string,
      },
    });
  });

  it("cannot tell about a role that is not there", async () => {
    await expect(send(DANA, "rolebindings", binding("me", "nosuch", "dana"))).rejects.toMatchObject({
      status: { code: 404, message: 'roles.rbac.authorization.k8s.io "nosuch" not found' },
    });
  });

  it("lets who may escalate or bind do so", async () => {
    const may = { apiGroups: [GROUP], resources: ["roles"], verbs: ["escalate", "bind"] };
    await send(ADMIN, "roles", role("may", [may]));
    await send(ADMIN, "rolebindings", binding("may", "may", "dana"));
    await send(DANA, "roles", role("more", [pods("delete")]));
    await send(DANA, "rolebindings", binding("me", "strong", "dana"));
  });
});
