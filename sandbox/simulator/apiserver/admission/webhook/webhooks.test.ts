import { describe, expect, it } from "vitest";
import type { MutatingWebhook, ServiceSpec } from "../../../api/generated/kubernetes";
import type { ApiRequest } from "../../../api/request";
import { FakeClock } from "../../../clock";
import { ConnectionRefusedError, ConnectionTimeoutError } from "../../../network/network";
import { Pipe, type Duplex } from "../../../pipe";
import { SeededRandom } from "../../../random";
import { createApiServer } from "../../api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };
const GROUP = "admissionregistration.k8s.io";
const CONFIG_MAPS = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };

/** A network where only 10.96.0.50:443 answers, with these words. */
function networkWith(answer: string, dialled: string[]) {
  return async ({ address, port }: { address: string; port: number }): Promise<Duplex> => {
    dialled.push(`${address}:${port}`);
    if (address === "10.0.0.9") throw new ConnectionTimeoutError("nobody there");
    if (address !== "10.96.0.50") throw new ConnectionRefusedError("refused");
    const [up, down] = [new Pipe(), new Pipe()];
    if (answer !== "") await down.write(new TextEncoder().encode(answer));
    down.end();
    return { reader: down, writer: up };
  };
}

async function freshServer(answer = "") {
  const dialled: string[] = [];
  const dial = networkWith(answer, dialled);
  const server = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1), dial });
  const send = async (request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) =>
    await server.handler.handle({ group: "", version: "v1", namespace: "team", user: ADMIN, options: {}, ...request });
  await send({
    verb: "create",
    resource: "namespaces",
    body: { metadata: { name: "team", labels: { tier: "gold" } } },
  });
  const service = (spec: ServiceSpec) =>
    send({ verb: "create", resource: "services", body: { metadata: { name: "hook" }, spec } });
  const webhook = async (more: Partial<MutatingWebhook>, kind = "validatingwebhookconfigurations", name = "guard") => {
    const clientConfig = { service: { name: "hook", namespace: "team", path: "/check" } };
    const rest = { rules: [CONFIG_MAPS], sideEffects: "None", admissionReviewVersions: ["v1"] };
    const webhooks = [{ name: "guard.example.com", clientConfig, ...rest, ...more }];
    await send({ verb: "create", group: GROUP, resource: kind, body: { metadata: { name }, webhooks } });
  };
  const configMap = async (labels: Record<string, string> = {}, dryRun = false) =>
    await send({
      verb: "create",
      resource: "configmaps",
      options: { dryRun },
      body: { metadata: { name: "web", labels } },
    });
  return { send, service, webhook, configMap, dialled };
}

const FAILED = 'Internal error occurred: failed calling webhook "guard.example.com": failed to call webhook: ';
const POST = `${FAILED}Post "https://hook.team.svc:443/check?timeout=10s": `;

describe("webhooks", () => {
  it("fail the request when there is no such Service, and say so as an internal error", async () => {
    const { webhook, configMap } = await freshServer();
    await webhook({});
    await expect(configMap()).rejects.toMatchObject({
      code: 500,
      reason: "InternalError",
      message: `${POST}service "hook" not found`,
    });
  });

  it.each<[ServiceSpec, string, string]>([
    [{ clusterIP: "10.96.0.51", ports: [{ port: 443 }] }, "", "dial tcp 10.96.0.51:443: connect: connection refused"],
    [{ clusterIP: "10.96.0.50", ports: [{ port: 80 }] }, "", 'no service port 443 found for service "hook"'],
    [
      { clusterIP: "10.96.0.50", ports: [{ port: 443 }] },
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "http: server gave HTTP response to HTTPS client",
    ],
    [{ clusterIP: "10.96.0.50", ports: [{ port: 443 }] }, "", "EOF"],
    [
      { clusterIP: "None", ports: [{ port: 443 }] },
      "",
      "dial tcp: lookup hook.team.svc on 172.18.0.1:53: no such host",
    ],
  ])("reach a Service %j as a node does: %s", async (spec, answer, why) => {
    const { webhook, configMap, service } = await freshServer(answer);
    await service(spec);
    await webhook({});
    await expect(configMap()).rejects.toThrow(POST + why);
  });

  it.each<[string, string]>([
    [
      "https://hooks.example.com/a",
      'Post "https://hooks.example.com/a?timeout=3s": dial tcp: lookup hooks.example.com on 172.18.0.1:53: no such host',
    ],
    ["https://10.0.0.9:8443", 'Post "https://10.0.0.9:8443/?timeout=3s": context deadline exceeded'],
    [
      "https://127.0.0.1:8443/a/",
      'Post "https://127.0.0.1:8443/a?timeout=3s": dial tcp 127.0.0.1:8443: connect: connection refused',
    ],
  ])("reach %s on the cluster's network only", async (url, why) => {
    const { webhook, configMap } = await freshServer();
    await webhook({ clientConfig: { url }, timeoutSeconds: 3 }, "mutatingwebhookconfigurations");
    await expect(configMap()).rejects.toThrow(FAILED + why);
  });

  it("do not stand in the way where they may be ignored, are not concerned, or not about this", async () => {
    const { webhook, configMap, dialled, service } = await freshServer();
    await service({ clusterIP: "10.96.0.51", ports: [{ port: 443 }] });
    const kind = "validatingwebhookconfigurations";
    await webhook({ objectSelector: { matchLabels: { guarded: "yes" } } }, kind, "a");
    await webhook({ namespaceSelector: { matchLabels: { tier: "tin" } } }, kind, "b");
    await webhook({ matchConditions: [{ name: "never", expression: "object.metadata.name == 'other'" }] }, kind, "c");
    await webhook({ rules: [{ ...CONFIG_MAPS, operations: ["DELETE"] }] }, kind, "d");
    await configMap({}, true);
    expect(dialled).toEqual([]);
    await webhook({ failurePolicy: "Ignore" }, kind, "e");
    expect((await configMap()).code).toBe(201);
    expect(dialled).toEqual(["10.96.0.51:443"]);
  });

  it("are not asked about themselves: one that fails can be taken away again", async () => {
    const { webhook, send, configMap } = await freshServer();
    const everything = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] };
    await webhook({ rules: [everything] });
    await expect(configMap()).rejects.toThrow(POST);
    await send({ verb: "delete", group: GROUP, resource: "validatingwebhookconfigurations", name: "guard" });
    expect((await configMap()).code).toBe(201);
  });
});

describe("a webhook configuration", () => {
  it("gets its defaults", async () => {
    const { webhook, send } = await freshServer();
    await webhook({}, "mutatingwebhookconfigurations");
    const { object } = await send({
      verb: "get",
      group: GROUP,
      resource: "mutatingwebhookconfigurations",
      name: "guard",
    });
    expect(object).toMatchObject({
      webhooks: [
        {
          failurePolicy: "Fail",
          matchPolicy: "Equivalent",
          namespaceSelector: {},
          objectSelector: {},
          reinvocationPolicy: "Never",
          timeoutSeconds: 10,
          clientConfig: { service: { port: 443 } },
          rules: [{ scope: "*" }],
        },
      ],
    });
  });

  it.each<[Partial<MutatingWebhook>, string]>([
    [
      { name: "guard" },
      'webhooks[0].name: Invalid value: "guard": should be a domain with at least three segments separated by dots',
    ],
    [
      { sideEffects: "Some" },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 31 },
      "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
    ],
    [{ clientConfig: {} }, "webhooks[0].clientConfig: Required value: exactly one of url or service is required"],
    [
      { clientConfig: { url: "http://a" } },
      `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    ],
    [
      { admissionReviewVersions: ["v2"] },
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
    [
      { rules: [{ ...CONFIG_MAPS, operations: ["*", "CREATE"] }] },
      `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
    ],
    [
      { rules: [{ ...CONFIG_MAPS, resources: ["pods/*", "pods/exec"] }] },
      `webhooks[0].rules[0].resources[1]: Invalid value: "pods/exec": if 'pods/*' is present, must not specify pods/exec`,
    ],
  ])("is refused for %j", async (more, why) => {
    const { webhook } = await freshServer();
    await expect(webhook(more)).rejects.toThrow(why);
  });
});
