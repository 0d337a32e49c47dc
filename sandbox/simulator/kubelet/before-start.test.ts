import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECRETS } from "../client/resources";
import { OneNode } from "./one-node";

describe("what a kubelet asks before it starts a container", () => {
  let node: OneNode;

  beforeEach(async () => {
    node = await OneNode.start();
  });
  afterEach(() => node.stop());

  const waiting = async () => (await node.get()).status?.containerStatuses?.[0]?.state?.waiting;

  it("is that it does not run as root where it must not", async () => {
    await node.run({ securityContext: { runAsNonRoot: true } });
    await node.clock.advance(1000);
    const { uid } = (await node.get()).metadata;
    const message = `container has runAsNonRoot and image will run as root (pod: "web_default(${uid})", container: main)`;
    expect(await waiting()).toEqual({ reason: "CreateContainerConfigError", message });
    expect(await node.messages()).toContain(`Warning Failed spec.containers{main}: Error: ${message}`);
  });

  it("is that the user it is told to use is not root either", async () => {
    const containers = [{ name: "main", image: "nginx:1.27", securityContext: { runAsNonRoot: true, runAsUser: 0 } }];
    await node.run({ containers });
    await node.clock.advance(1000);
    expect((await waiting())?.message).toMatch(/^container's runAsUser breaks non-root policy \(pod: "web_default/);
  });

  it("lets a container start whose user is not root", async () => {
    await node.run({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } });
    await node.clock.advance(1000);
    expect((await node.get()).status?.phase).toBe("Running");
  });

  it("is for the secrets that open its registry, and says which are not there", async () => {
    const config = JSON.stringify({ auths: { "https://registry.example/v1/": { auth: btoa("me:secret") } } });
    await node.client.create(SECRETS, {
      metadata: { name: "mine", namespace: "default" },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": btoa(config) },
    });
    await node.clock.advance(10);
    await node.run({
      imagePullSecrets: [{ name: "mine" }, { name: "lost" }],
      containers: [{ name: "main", image: "nginx:1.25" }],
    });
    await node.clock.advance(1000);
    expect(node.runtime.credentials).toEqual([{ host: "registry.example", username: "me", password: "secret" }]);
    expect(await node.messages()).toContain(
      "Warning FailedToRetrieveImagePullSecret -: Unable to retrieve some image pull secrets (lost); attempting to " +
        "pull the image may not succeed.",
    );
  });

  it("keeps the end of the log of a container that failed without last words, where it is told to", async () => {
    node.runtime.script("crash", { exitAfterMs: 50, exitCode: 2, output: "one\ntwo\n" });
    const terminationMessagePolicy = "FallbackToLogsOnError";
    await node.run({
      restartPolicy: "Never",
      containers: [{ name: "main", image: "nginx:1.27", command: ["crash"], terminationMessagePolicy }],
    });
    await node.clock.advance(2000);
    expect((await node.get()).status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 2,
      message: "one\ntwo\n",
    });
  });

  it("does not count a probe that could not be run", async () => {
    const livenessProbe = { exec: { command: ["nothing"] }, periodSeconds: 1, failureThreshold: 1 };
    await node.run({ containers: [{ name: "main", image: "nginx:1.27", livenessProbe }] });
    await node.clock.advance(4000);
    expect((await node.get()).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(await node.messages()).toContain(
      "Warning Unhealthy spec.containers{main}: Liveness probe errored and resulted in unknown state: " +
        "rpc error: code = Unknown desc = no such program",
    );
  });
});
