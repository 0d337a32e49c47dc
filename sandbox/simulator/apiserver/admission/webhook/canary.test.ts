import { connect, createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMINISTRATOR, createCluster } from "../../../cluster";
import { FakeClock } from "../../../clock";

let connections = 0;
const canary = createServer((socket) => {
  connections++;
  socket.destroy();
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const address = canary.address();
  port = typeof address === "object" && address ? address.port : 0;
});
afterAll(() => canary.close());

it("a webhook whose URL is the machine's own loopback finds the node's instead, and nothing there", async () => {
  const cluster = await createCluster({
    clock: new FakeClock(),
    seed: 1,
    nodes: 1,
    certificate: "-----BEGIN CERTIFICATE-----\n",
    onError: () => undefined,
  });
  try {
    const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };
    const at = `127.0.0.1:${port}`;
    const webhook = {
      name: "canary.example.com",
      clientConfig: { url: `https://${at}/` },
      rules: [rule],
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    };
    const request = { verb: "create", version: "v1", user: ADMINISTRATOR, options: {} } as const;
    const { handler } = cluster;
    await handler.handle({
      ...request,
      group: "admissionregistration.k8s.io",
      resource: "validatingwebhookconfigurations",
      body: { metadata: { name: "canary" }, webhooks: [webhook] },
    });
    const body = { metadata: { name: "web" } };
    await expect(
      handler.handle({ ...request, group: "", resource: "configmaps", namespace: "default", body }),
    ).rejects.toThrow(`Post "https://${at}/?timeout=10s": dial tcp ${at}: connect: connection refused`);
    expect(connections).toBe(0);
    // The canary was alive all the while.
    await new Promise<void>((resolve) => connect(port, "127.0.0.1").on("close", () => resolve()));
    expect(connections).toBe(1);
  } finally {
    await cluster.stop();
  }
});
