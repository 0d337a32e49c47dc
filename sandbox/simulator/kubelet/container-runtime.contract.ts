import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Network } from "../network/network";
import {
  ImagePullError,
  type ContainerConfig,
  type ContainerRuntime,
  type LogLine,
  type PodSandboxConfig,
} from "./container-runtime";

/** One runtime under test, on a network of its own, and the words it needs to do what the contract asks. */
export interface RuntimeFixture {
  readonly runtime: ContainerRuntime;
  readonly network: Network;
  /** Lets time pass (or waits, on a real clock). */
  advance(ms: number): Promise<void>;
  readonly images: { readonly present: string; readonly pullable: string; readonly missing: string };
  /** Commands of the present image. */
  readonly commands: {
    readonly forever: readonly string[];
    readonly ignoresTerm: readonly string[];
    /** Ends at once with code 3 after printing `one` and `two` on lines of their own. */
    readonly printsAndFails: readonly string[];
    readonly succeeds: readonly string[];
  };
  close?(): void;
}

/** What a kubelet relies on, whatever runs the containers. */
export function describeContainerRuntime(name: string, makeFixture: () => Promise<RuntimeFixture>): void {
  describe(`${name} as a container runtime`, () => {
    let fixture: RuntimeFixture;
    let runtime: ContainerRuntime;

    beforeEach(async () => {
      fixture = await makeFixture();
      runtime = fixture.runtime;
    });
    afterEach(() => fixture.close?.());

    const container = (command: readonly string[], more: Partial<ContainerConfig> = {}): ContainerConfig => ({
      name: "main",
      attempt: 0,
      image: fixture.images.present,
      command,
      args: [],
      env: [],
      mounts: [],
      stdin: false,
      stdinOnce: false,
      tty: false,
      labels: {},
      ...more,
    });
    const start = async (command: readonly string[]): Promise<{ sandboxId: string; id: string; ip: string }> => {
      const { id: sandboxId, ip } = await runtime.runPodSandbox(SANDBOX);
      const id = await runtime.createContainer(sandboxId, container(command));
      await runtime.startContainer(id);
      return { sandboxId, id, ip };
    };
    const waitForExit = async (id: string): Promise<void> => {
      for (let step = 0; step < 40 && runtime.containerStatus(id)?.state !== "exited"; step++)
        await fixture.advance(50);
    };

    it("knows the images it has, pulls those it can and refuses the others", async () => {
      expect(runtime.imageStatus(fixture.images.present)).toMatchObject({ sizeBytes: expect.any(Number) });
      expect(runtime.imageStatus(fixture.images.pullable)).toBeUndefined();
      const pulled = runtime.pullImage(fixture.images.pullable);
      const refused = expect(runtime.pullImage(fixture.images.missing)).rejects.toThrow(ImagePullError);
      await fixture.advance(3000);
      expect((await pulled).imageId).toMatch(/^[\w./-]+@sha256:/);
      expect(runtime.imageStatus(fixture.images.pullable)).toEqual(await pulled);
      await refused;
    });

    it("gives a sandbox an address on the network and takes it back", async () => {
      const { id, ip } = await runtime.runPodSandbox(SANDBOX);
      expect(fixture.network.hostAt(ip)?.address).toBe(ip);
      await runtime.stopPodSandbox(id);
      await runtime.stopPodSandbox(id);
      expect(fixture.network.hostAt(ip)).toBeUndefined();
    });

    it("takes a container from created over running to exited, telling each change", async () => {
      const changes: string[] = [];
      const stopListening = runtime.onContainerChange((id) =>
        changes.push(runtime.containerStatus(id)?.state ?? "gone"),
      );
      const { id: sandboxId } = await runtime.runPodSandbox(SANDBOX);
      const id = await runtime.createContainer(sandboxId, container(fixture.commands.printsAndFails));
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect(runtime.containerStatus(id)?.state).toBe("created");
      await runtime.startContainer(id);
      await waitForExit(id);
      expect(runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 3, reason: "Error" });
      expect(changes.at(-1)).toBe("exited");
      stopListening();
      const before = changes.length;
      await start(fixture.commands.forever);
      expect(changes).toHaveLength(before);
    });

    it("calls an exit with 0 Completed", async () => {
      const { id } = await start(fixture.commands.succeeds);
      await waitForExit(id);
      expect(runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 0, reason: "Completed" });
    });

    it("keeps the log of an ended container until its sandbox is removed", async () => {
      const { id, sandboxId } = await start(fixture.commands.printsAndFails);
      await waitForExit(id);
      await runtime.stopPodSandbox(sandboxId);
      const lines = await collect(runtime.logs(id, false));
      expect(lines.map(({ text }) => new TextDecoder().decode(text))).toEqual(["one", "two"]);
      expect(lines.every(({ complete, stream }) => complete && stream === "stdout")).toBe(true);
      await runtime.removePodSandbox(sandboxId);
      await runtime.removePodSandbox(sandboxId);
      expect(runtime.containerStatus(id)).toBeUndefined();
    });

    it("ends a followed log with its container", async () => {
      const { id } = await start(fixture.commands.forever);
      let ended = false;
      const following = collect(runtime.logs(id, true)).then(() => (ended = true));
      await fixture.advance(100);
      expect(ended).toBe(false);
      const stopping = runtime.stopContainer(id, 0);
      await fixture.advance(100);
      await stopping;
      await following;
    });

    it("kills a container that does not end within its grace period, and earlier when told again", async () => {
      const { id } = await start(fixture.commands.ignoresTerm);
      await fixture.advance(200);
      const first = runtime.stopContainer(id, 60_000);
      await fixture.advance(500);
      expect(runtime.containerStatus(id)?.state).toBe("running");
      const second = runtime.stopContainer(id, 1000);
      await fixture.advance(1500);
      await Promise.all([first, second]);
      expect(runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 137, reason: "Error" });
      await runtime.stopContainer(id, 1000);
    });

    it("says what a running container uses, and nothing of one that does not run", async () => {
      const { id } = await start(fixture.commands.forever);
      const usage = runtime.containerStats(id);
      expect(usage?.memoryBytes).toBeGreaterThan(0);
      expect(usage?.cores).toBeGreaterThanOrEqual(0);
      await runtime.updateContainerResources(id, { memoryLimitBytes: 1024 ** 3, cpuLimitCores: 1 });
      expect(runtime.containerStatus(id)?.state).toBe("running");
      const stopping = runtime.stopContainer(id, 0);
      await fixture.advance(100);
      await stopping;
      expect(runtime.containerStats(id)).toBeUndefined();
      expect(runtime.containerStats("none")).toBeUndefined();
    });

    it("reaches a port on the sandbox's loopback, and nothing where nothing listens", async () => {
      const { id: sandboxId, ip } = await runtime.runPodSandbox(SANDBOX);
      fixture.network.hostAt(ip)?.listen({ port: 8080, address: "127.0.0.1" }, (connection) => connection.writer.end());
      expect(await (await runtime.connect(sandboxId, 8080)).reader.read()).toBeUndefined();
      await expect(runtime.connect(sandboxId, 8081)).rejects.toThrow("refused");
    });
  });
}

const SANDBOX: PodSandboxConfig = {
  namespace: "default",
  name: "web",
  uid: "11111111-2222-4333-8444-555555555555",
  attempt: 0,
  hostname: "web",
  hostNetwork: false,
  labels: {},
  annotations: {},
  resolvConf: "",
  hostAliases: [],
};

async function collect(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
