import { expect, it } from "vitest";
import { ContainerFixture } from "./container-fixture";

it("writes a pod's own aliases into its hosts file, where programs find them", async () => {
  const fixture = new ContainerFixture();
  const hostAliases = [{ ip: "127.0.0.1", hostnames: ["foo.local", "bar.local"] }];
  const { id, ip } = await fixture.run("busybox", { command: ["sh", "-c", "sleep 1000"] }, { hostAliases });
  const { stdout } = await fixture.exec(id, ["cat", "/etc/hosts"]);
  expect(stdout).toBe(
    "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" +
      "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n" +
      `${ip}\tweb\n\n# Entries added by HostAliases.\n127.0.0.1\tfoo.local\tbar.local\n`,
  );
  expect((await fixture.exec(id, ["ping", "-c1", "bar.local"])).stdout).toContain("PING bar.local (127.0.0.1)");
  await fixture.runtime.stopContainer(id, 0);
});

it("gives a pod on its node's network the node's address, and its ports to everyone who reaches the node", async () => {
  const fixture = new ContainerFixture();
  await fixture.runtime.pullImage("busybox");
  const config = {
    namespace: "default",
    uid: "u",
    attempt: 0,
    labels: {},
    annotations: {},
    resolvConf: "",
    hostAliases: [],
  };
  const sandbox = await fixture.runtime.runPodSandbox({
    ...config,
    name: "agent",
    hostname: "kind-worker",
    hostNetwork: true,
  });
  expect(sandbox.ip).toBe("172.18.0.3");
  const listener = fixture.network.hostAt(sandbox.ip)?.listen({ port: 9100 }, ({ writer }) => {
    writer.end();
  });
  const other = await fixture.run("busybox", { command: ["sleep", "1000"] });
  expect((await fixture.exec(other.id, ["nc", "-z", "172.18.0.3", "9100"])).code).toBe(0);
  listener?.close();
  // The node stays when the pod goes.
  await fixture.runtime.stopPodSandbox(sandbox.id);
  expect(fixture.network.hostAt("172.18.0.3")).toBeDefined();
  await fixture.runtime.stopContainer(other.id, 0);
});
