import { describe, expect, it } from "vitest";
import type { Channel } from "../api/channel";
import type { Pod, Status } from "../api/generated/kubernetes";
import type { ExecSession, NodeApi, TerminalSize } from "../api/node-api";
import { failure } from "../api/status";
import { FakeClock } from "../clock";
import { Pipe } from "../pipe";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };
const USER = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] };
const PATH = "/api/v1/namespaces/default/pods/web";
const V5 = {
  "sec-websocket-protocol": "v5.channel.k8s.io, v4.channel.k8s.io",
  upgrade: "websocket",
  connection: "Upgrade",
};

/** A node whose programs echo their input, then end with the code in their first argument. */
class EchoNode implements NodeApi {
  readonly sizes: TerminalSize[] = [];
  isClosed = false;

  exec(_target: unknown, { command }: { command: readonly string[] }): Promise<ExecSession> {
    if (command[0] === "missing") return Promise.reject(failure(404, "NotFound", 'container not found ("nginx")'));
    const [stdin, stdout, stderr] = [new Pipe(), new Pipe(), new Pipe()];
    const run = async (): Promise<{ code: number }> => {
      for (let chunk = await stdin.read(); chunk; chunk = await stdin.read()) await stdout.write(chunk);
      await stderr.write(new TextEncoder().encode("bye"));
      stdout.end();
      stderr.end();
      return { code: Number(command[0]) };
    };
    const exit = run();
    return Promise.resolve({
      stdin,
      stdout,
      stderr,
      exit,
      resize: (size) => this.sizes.push(size),
      close: () => void (this.isClosed = true),
    });
  }

  attach = (): Promise<ExecSession> => this.exec({}, { command: ["0"] });

  async logs() {
    const log = new Pipe();
    await log.write(new TextEncoder().encode("line\n"));
    log.end();
    return log;
  }

  portForward = (): Promise<never> => Promise.reject(new Error("not here"));
}

async function withPod(spec: Partial<Pod["spec"]> = { nodeName: "kind-worker" }) {
  const node = new EchoNode();
  const { http, handler } = createApiServer({ clock: new FakeClock(), random: new SeededRandom(1), nodes: () => node });
  const create = (resource: string, body: object, namespace?: string) =>
    handler.handle({ verb: "create", group: "", version: "v1", resource, namespace, user: USER, options: {}, body });
  await create("namespaces", { metadata: { name: "default" } });
  await create("serviceaccounts", { metadata: { name: "default" } }, "default");
  await create(
    "pods",
    { metadata: { name: "web" }, spec: { containers: [{ name: "nginx", image: "nginx" }], ...spec } },
    "default",
  );
  const connect = (query: string, headers: Record<string, string> = V5) =>
    http.connect(new Request(`https://localhost${PATH}/${query}`, { headers }), ADMIN);
  return { node, http, handler, connect };
}

/** Both ends of a WebSocket in one object: what the client sends is queued, what it gets is kept. */
class TestChannel implements Channel {
  readonly protocol = "v5.channel.k8s.io";
  readonly received: { stream: number; text: string }[] = [];
  readonly #sent: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  push(stream: number, payload: string | number[]): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : Uint8Array.from(payload);
    this.#sent.push(Uint8Array.from([stream, ...bytes]));
    this.#wake?.();
  }

  async receive(): Promise<Uint8Array | undefined> {
    while (this.#sent.length === 0 && !this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#sent.shift();
  }

  send(message: Uint8Array): Promise<void> {
    this.received.push({ stream: message[0] ?? -1, text: new TextDecoder().decode(message.subarray(1)) });
    return Promise.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  get exit(): Status {
    return JSON.parse(this.received.findLast(({ stream }) => stream === 3)?.text ?? "{}") as Status;
  }
}

describe("exec over WebSockets", () => {
  it("carries input, output, size and end of input, and ends with the exit code", async () => {
    const { node, connect } = await withPod();
    const upgrade = await connect("exec?command=7&stdin=true&stdout=true&stderr=true");
    if (upgrade.kind !== "accept") throw new Error("refused");
    expect(upgrade.protocol).toBe("v5.channel.k8s.io");
    const channel = new TestChannel();
    channel.push(4, '{"Width":80,"Height":24}');
    channel.push(0, "hello");
    channel.push(255, [0]);
    await upgrade.run(channel);
    expect(node.sizes).toEqual([{ columns: 80, rows: 24 }]);
    expect(channel.received.slice(0, 2)).toEqual([
      { stream: 1, text: "hello" },
      { stream: 2, text: "bye" },
    ]);
    expect(channel.exit).toMatchObject({
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "7" }] },
    });
    expect(node.isClosed).toBe(false);
  });

  it("lets go of the process when the client goes away", async () => {
    const { node, connect } = await withPod();
    const upgrade = await connect("exec?command=0&stdin=true&stdout=true");
    if (upgrade.kind !== "accept") throw new Error("refused");
    const channel = new TestChannel();
    channel.close();
    void upgrade.run(channel);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(node.isClosed).toBe(true);
  });

  it("does not mind malformed frames", async () => {
    const { node, connect } = await withPod();
    const upgrade = await connect("exec?command=0&stdin=true&stdout=true");
    if (upgrade.kind !== "accept") throw new Error("refused");
    const channel = new TestChannel();
    for (const size of ["", "{", "[]", '{"Width":-1,"Height":5}', '{"Width":"a"}']) channel.push(4, size);
    channel.push(99, "?");
    channel.push(255, [0]);
    await upgrade.run(channel);
    expect(node.sizes).toEqual([]);
    expect(channel.exit.status).toBe("Success");
  });

  it.each([
    ["exec?command=0", V5, "you must specify at least 1 of stdin, stdout, stderr"],
    ["exec?command=0&stdout=true&container=other", V5, "container other is not valid for pod web"],
    ["exec?command=missing&stdout=true", V5, 'container not found ("nginx")'],
    ["exec?command=missing&stdout=true", { upgrade: "SPDY/3.1" }, 'container not found ("nginx")'],
    [
      "exec?command=0&stdout=true",
      { upgrade: "SPDY/3.1", "x-stream-protocol-version": "v3.channel.k8s.io" },
      "unable to upgrade: unable to negotiate protocol: client supports [v3.channel.k8s.io], server accepts [v4.channel.k8s.io]",
    ],
    [
      "exec?command=0&stdout=true",
      { upgrade: "websocket" },
      "unable to upgrade: unable to negotiate protocol: client supports [], server accepts [v5.channel.k8s.io v4.channel.k8s.io]",
    ],
    ["exec?command=0&stdout=true", { upgrade: "h2c" }, "unable to upgrade: only WebSockets and SPDY/3.1 are supported"],
  ])("refuses %s with an ordinary answer", async (query, headers, message) => {
    const { connect } = await withPod();
    const upgrade = await connect(query, headers);
    if (upgrade.kind !== "refuse") throw new Error("accepted");
    expect(((await upgrade.response.json()) as Status).message).toBe(message);
  });

  it("needs leave to create, though it begins with GET", async () => {
    const { http, handler } = await withPod();
    const write = (resource: string, body: object) =>
      handler.handle({
        verb: "create",
        group: "rbac.authorization.k8s.io",
        version: "v1",
        resource,
        namespace: "default",
        user: USER,
        options: {},
        body,
      });
    const subresources = { apiGroups: [""], resources: ["pods/exec"] };
    await write("roles", { metadata: { name: "get" }, rules: [{ ...subresources, verbs: ["get"] }] });
    await write("roles", { metadata: { name: "create" }, rules: [{ ...subresources, verbs: ["create"] }] });
    for (const name of ["get", "create"]) {
      await write("rolebindings", {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
      });
    }
    const as = (commonName: string) =>
      http.connect(new Request(`https://localhost${PATH}/exec?command=0&stdout=true`, { headers: V5 }), {
        certificate: { commonName, organizations: [] },
      });
    const refused = await as("get");
    if (refused.kind !== "refuse") throw new Error("accepted");
    expect(((await refused.response.json()) as Status).message).toBe(
      'pods "web" is forbidden: User "get" cannot create resource "pods/exec" in API group "" in the namespace "default"',
    );
    expect((await as("create")).kind).toBe("accept");
  });

  it("says that a pod has no node yet", async () => {
    const { connect } = await withPod({});
    const upgrade = await connect("exec?command=0&stdout=true");
    if (upgrade.kind !== "refuse") throw new Error("accepted");
    expect(((await upgrade.response.json()) as Status).message).toBe("pod web does not have a host assigned");
  });
});

describe("logs", () => {
  it("streams them as text, and nothing for a pod without a node", async () => {
    const read = async (spec: Partial<Pod["spec"]>) => {
      const { http } = await withPod(spec);
      return await (await http.fetch(new Request(`https://localhost${PATH}/log`), ADMIN)).text();
    };
    expect(await read({ nodeName: "kind-worker" })).toBe("line\n");
    expect(await read({})).toBe("");
  });

  it("asks which container is meant", async () => {
    const containers = ["a", "b"].map((name) => ({ name, image: "nginx" }));
    const { http } = await withPod({ nodeName: "kind-worker", containers });
    const response = await http.fetch(new Request(`https://localhost${PATH}/log`), ADMIN);
    expect(((await response.json()) as Status).message).toBe(
      "a container name must be specified for pod web, choose one of: [a b]",
    );
  });
});
