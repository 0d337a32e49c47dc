import { describe, expect, it } from "vitest";
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetSpec } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { ApiRequest } from "../api/request";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };

async function withBudget(status: PodDisruptionBudget["status"], spec: PodDisruptionBudgetSpec = {}, ready = "True") {
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1) });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) =>
    await server.handler.handle({ group: "", version: "v1", namespace: "team", user: ADMIN, options: {}, ...request });
  const write = async (resource: string, body: KubeObject & { status?: object }, group = "") => {
    await send({ verb: "create", group, resource, body });
    const { status: wanted } = body;
    const name = body.metadata?.name;
    if (wanted)
      await send({
        verb: "patch",
        patchType: "merge",
        group,
        resource,
        name,
        subresource: "status",
        body: { status: wanted },
      });
  };
  await write("namespaces", { metadata: { name: "team" } });
  await write("serviceaccounts", { metadata: { name: "default" } });
  const labels = { app: "web" };
  const pod = {
    metadata: { name: "web", labels },
    spec: { nodeName: "node", containers: [{ name: "nginx", image: "nginx" }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
  };
  await write("pods", pod);
  const budget = (name: string) => ({
    metadata: { name },
    spec: { selector: { matchLabels: labels }, minAvailable: 1, ...spec },
    status,
  });
  await write("poddisruptionbudgets", budget("guard"), "policy");
  const evict = (name = "web", options: ApiRequest["options"] = {}) =>
    send({
      verb: "create",
      resource: "pods",
      subresource: "eviction",
      name: "web",
      options,
      body: { metadata: { name } },
    });
  const read = async (resource: string, name: string, group = "") =>
    (await send({ verb: "get", group, resource, name })).object;
  return { evict, read, write, budget };
}

const TEXT = "Cannot evict pod as it would violate the pod's disruption budget.";

describe("an eviction", () => {
  it("is refused while the budget allows none, and says what it needs", async () => {
    const { evict } = await withBudget({
      observedGeneration: 1,
      currentHealthy: 1,
      desiredHealthy: 1,
      disruptionsAllowed: 0,
    });
    await expect(evict()).rejects.toMatchObject({
      code: 429,
      reason: "TooManyRequests",
      message: TEXT,
      status: {
        details: {
          causes: [
            {
              reason: "DisruptionBudget",
              message: "The disruption budget guard needs 1 healthy pods and has 1 currently",
            },
          ],
        },
      },
    });
  });

  it("has to wait for a budget that was not looked at yet", async () => {
    const { evict } = await withBudget(undefined);
    await expect(evict()).rejects.toMatchObject({
      message: TEXT,
      status: {
        details: {
          retryAfterSeconds: 10,
          causes: [{ message: "The disruption budget guard is still being processed by the server." }],
        },
      },
    });
  });

  it("takes the disruption off the budget, unless it is only tried", async () => {
    const { evict, read } = await withBudget({
      observedGeneration: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      disruptionsAllowed: 1,
    });
    await evict("web", { dryRun: true });
    expect(
      ((await read("poddisruptionbudgets", "guard", "policy")) as PodDisruptionBudget).status?.disruptionsAllowed,
    ).toBe(1);
    expect((await evict()).object).toMatchObject({ status: "Success" });
    const pod = (await read("pods", "web")) as Pod;
    expect(pod.metadata?.deletionTimestamp).toBeDefined();
    expect(pod.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "DisruptionTarget",
        status: "True",
        reason: "EvictionByEvictionAPI",
        message: "Eviction API: evicting",
      }),
    );
    expect(await read("poddisruptionbudgets", "guard", "policy")).toMatchObject({
      status: {
        disruptionsAllowed: 0,
        disruptedPods: { web: expect.any(String) as string },
        conditions: [{ type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" }],
      },
    });
  });

  it("lets a pod go that is not ready when the others suffice, or when the budget says always", async () => {
    const short = { observedGeneration: 1, currentHealthy: 0, desiredHealthy: 1, disruptionsAllowed: 0 };
    const strict = await withBudget(short, {}, "False");
    await expect(strict.evict()).rejects.toThrow(TEXT);
    const lenient = await withBudget(short, { unhealthyPodEvictionPolicy: "AlwaysAllow" }, "False");
    expect((await lenient.evict()).object).toMatchObject({ status: "Success" });
    const enough = await withBudget({ ...short, currentHealthy: 1 }, {}, "False");
    expect((await enough.evict()).object).toMatchObject({ status: "Success" });
  });

  it("does not know what to do with two budgets", async () => {
    const { evict, write, budget } = await withBudget({ observedGeneration: 1, disruptionsAllowed: 1 });
    await write("poddisruptionbudgets", budget("another"), "policy");
    expect((await evict()).object).toMatchObject({
      status: "Failure",
      code: 500,
      message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    });
  });

  it("names the pod that it is for", async () => {
    const { evict } = await withBudget({ observedGeneration: 1, disruptionsAllowed: 1 });
    await expect(evict("other")).rejects.toThrow("name in URL does not match name in Eviction object");
  });
});
