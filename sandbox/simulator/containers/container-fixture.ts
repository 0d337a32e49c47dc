import { type Clock, SystemClock } from "../clock";
import type { ExecSession } from "../api/node-api";
import type { ContainerConfig, ContainerRuntime, PodSandboxConfig } from "../kubelet/container-runtime";
import { VirtualNetwork } from "../network/virtual-network";
import { readAll } from "../pipe";
import { SeededRandom } from "../random";
import { standardImages } from "./images/catalogue";
import type { ImageCatalogue } from "./images/image";
import { ImageRegistry } from "./images/registry";
import { createRuntime } from "./runtime";

/** For tests: a runtime on a network of its own, with the few steps that most of them take. */
export class ContainerFixture {
  readonly network: VirtualNetwork;
  readonly runtime: ContainerRuntime;
  readonly #clock: Clock;

  constructor(clock: Clock = new SystemClock(), images: ImageCatalogue = standardImages()) {
    this.#clock = clock;
    const random = new SeededRandom(7);
    this.network = new VirtualNetwork({ clock, random });
    this.runtime = createRuntime({
      nodeName: "kind-worker",
      podCIDR: "10.244.1.0/24",
      network: this.network,
      nodeHost: this.network.attach("172.18.0.3", { kind: "node", name: "kind-worker" }),
      clock,
      random,
      images,
      registry: new ImageRegistry(0),
      preloaded: images.preloaded("control plane"),
    });
  }

  get clock(): Clock {
    return this.#clock;
  }

  /** Pulls the image, then runs a pod of one container. */
  async run(
    image: string,
    config: Partial<ContainerConfig> = {},
    pod: Partial<PodSandboxConfig> = {},
  ): Promise<{ id: string; sandboxId: string; ip: string }> {
    await this.runtime.pullImage(image);
    return this.start(image, config, pod);
  }

  /** Like `run` with an image that is there. */
  async start(
    image: string,
    config: Partial<ContainerConfig> = {},
    pod: Partial<PodSandboxConfig> = {},
  ): Promise<{ id: string; sandboxId: string; ip: string }> {
    const sandbox = await this.runtime.runPodSandbox({
      namespace: "default",
      name: "web",
      uid: "11111111-2222-4333-8444-555555555555",
      attempt: 0,
      hostname: "web",
      hostNetwork: false,
      labels: {},
      annotations: {},
      resolvConf:
        "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
      hostAliases: [],
      ...pod,
    });
    const id = await this.runtime.createContainer(sandbox.id, {
      name: "main",
      attempt: 0,
      image,
      command: [],
      args: [],
      env: [],
      mounts: [],
      stdin: false,
      stdinOnce: false,
      tty: false,
      labels: {},
      ...config,
    });
    await this.runtime.startContainer(id);
    return { id, sandboxId: sandbox.id, ip: sandbox.ip };
  }

  /** Runs a command in a container to its end. */
  async exec(
    id: string,
    command: readonly string[],
    input?: string,
  ): Promise<{ stdout: string; stderr: string; code: number }> {
    const session = await this.runtime.exec(id, {
      command,
      stdin: input !== undefined,
      stdout: true,
      stderr: true,
      tty: false,
    });
    return finish(session, input);
  }

  async logs(id: string): Promise<string> {
    let text = "";
    for await (const line of this.runtime.logs(id, false))
      text += `${new TextDecoder().decode(line.text)}${line.complete ? "\n" : ""}`;
    return text;
  }
}

/** Feeds a session its whole input and collects what it prints. */
export async function finish(
  session: ExecSession,
  input?: string,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const feeding = (async () => {
    if (input !== undefined) await session.stdin.write(new TextEncoder().encode(input));
    session.stdin.end();
  })().catch(() => undefined);
  const [stdout, stderr, status] = await Promise.all([
    readAll(session.stdout),
    readAll(session.stderr),
    session.exit,
    feeding,
  ]);
  return { stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr), code: status.code };
}
