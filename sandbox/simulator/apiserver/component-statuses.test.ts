import { describe, expect, it } from "vitest";
import type { ApiRequest } from "../api/request";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const USER = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] };
const COMPONENT_STATUSES = { group: "", version: "v1", resource: "componentstatuses", user: USER, options: {} };

describe("component statuses", () => {
  const { handler } = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const ask = (request: Pick<ApiRequest, "verb" | "name">) => handler.handle({ ...COMPONENT_STATUSES, ...request });

  it("say that all is well", async () => {
    const { object } = await ask({ verb: "list" });
    expect(object).toMatchObject({ kind: "ComponentStatusList", items: [{}, {}, { metadata: { name: "etcd-0" } }] });
    const { object: one } = await ask({ verb: "get", name: "scheduler" });
    expect(one).toMatchObject({ conditions: [{ type: "Healthy", status: "True", message: "ok" }] });
  });

  it("are not there for other names", async () => {
    await expect(ask({ verb: "get", name: "etcd-9" })).rejects.toThrow('componentstatuses "etcd-9" not found');
  });
});
