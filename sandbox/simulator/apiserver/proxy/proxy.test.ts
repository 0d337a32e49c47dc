import { describe, expect, it } from "vitest";
import { createApiServer } from "../api-server";
import type { Status } from "../../api/generated/kubernetes";
import { FakeClock, flushPromises } from "../../clock";
import { ConnectionRefusedError } from "../../network/network";
import { selfSignedIdentity } from "../../network/tls/self-signed";
import { acceptTls } from "../../network/tls/server";
import { Pipe, readAll, type Duplex } from "../../pipe";
import { SeededRandom } from "../../random";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };
const USER = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] };
const BASE = "https://localhost/api/v1/namespaces/default";

/** A network with one program on 10.244.1.2:80 that says what it is told to; everything else refuses. */
class OneProgram {
  asked = "";

  constructor(readonly answer: string) {}

  readonly dial = async ({ address, port }: { address: string; port: number }): Promise<Duplex> => {
    if (address !== "10.244.1.2" || port !== 80) throw new ConnectionRefusedError("refused");
    const [up, down] = [new Pipe(), new Pipe()];
    void readAll(up).then((bytes) => (this.asked = new TextDecoder().decode(bytes)));
    await down.write(new TextEncoder().encode(this.answer));
    down.end();
    return { reader: down, writer: up };
  };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";

async function withPod(answer = OK, dial?: () => Promise<Duplex>) {
  const program = new OneProgram(answer);
  const { http, handler } = createApiServer({
    clock: new FakeClock(),
    random: new SeededRandom(1),
    dial: dial ?? program.dial,
  });
  const write = (verb: "create" | "update", resource: string, body: object, place: object) =>
    handler.handle({ verb, group: "", version: "v1", resource, user: USER, options: {}, body, ...place });
  const namespace = "default";
  await write("create", "namespaces", { metadata: { name: "default" } }, {});
  await write("create", "serviceaccounts", { metadata: { name: "default" } }, { namespace });
  const pod = {
    metadata: { name: "web" },
    spec: { containers: [{ name: "nginx", image: "nginx", ports: [{ containerPort: 80 }] }] },
  };
  const { object } = await write("create", "pods", pod, { namespace });
  const running = { ...object, status: { podIP: "10.244.1.2", podIPs: [{ ip: "10.244.1.2" }] } };
  await write("update", "pods", running, { namespace, name: "web", subresource: "status" });
  const ports = [{ name: "http", port: 8080, targetPort: 80 }];
  await write("create", "services", { metadata: { name: "web" }, spec: { ports } }, { namespace });
  const subsets = [{ addresses: [{ ip: "10.244.1.2" }], ports: [{ name: "http", port: 80 }] }];
  await write("create", "endpoints", { metadata: { name: "web" }, subsets }, { namespace });
  const ask = (path: string, init?: RequestInit, peer: object = ADMIN) =>
    http.fetch(new Request(`${BASE}/${path}`, init), peer);
  return { program, ask };
}

describe("the proxy", () => {
  it.each(["pods/web/proxy/", "pods/web:80/proxy/", "pods/http:web:80/proxy/", "services/web:8080/proxy/"])(
    "reaches the program at %s",
    async (path) => {
      const { ask } = await withPod();
      const response = await ask(path);
      expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
        200,
        "text/plain",
        "hi",
      ]);
    },
  );

  it("passes method, path, query, headers and body on, but not who asks", async () => {
    const { program, ask } = await withPod();
    const headers = { authorization: "Bearer secret", "x-kept": "yes" };
    const response = await ask("services/web:http/proxy/a%20b/?q=1", { method: "POST", body: "data", headers });
    await response.text();
    await flushPromises();
    expect(program.asked).toMatch(/^POST \/a%20b\/\?q=1 HTTP\/1\.1\r\nHost: 10\.244\.1\.2:80\r\n/);
    expect(program.asked).toContain("x-kept: yes\r\n");
    expect(program.asked).toContain("X-Forwarded-Uri: /api/v1/namespaces/default/services/web:http/proxy/a%20b/\r\n");
    expect(program.asked).toMatch(/\r\n\r\ndata$/);
    expect(program.asked).not.toMatch(/authorization/i);
  });

  it("sends a path without a slash to the one with it, and redirects of the program through itself", async () => {
    const moved = "HTTP/1.1 302 Found\r\nLocation: http://10.244.1.2:80/new\r\nContent-Length: 0\r\n\r\n";
    const { ask } = await withPod(moved);
    const prefix = "/api/v1/namespaces/default/pods/web/proxy";
    const bare = await ask("pods/web/proxy?a=1");
    expect([bare.status, bare.headers.get("location")]).toEqual([301, `${prefix}/?a=1`]);
    const found = await ask("pods/web/proxy/old");
    expect([found.status, found.headers.get("location")]).toEqual([302, `${prefix}/new`]);
  });

  it("speaks TLS with a program that does, whoever signed its certificate", async () => {
    const identity = await selfSignedIdentity({ commonName: "web", organization: "Acme", name: "web" }, Date.now());
    const dial = (): Promise<Duplex> => {
      const [up, down] = [new Pipe(), new Pipe()];
      void (async () => {
        const { stream } = await acceptTls({ reader: up, writer: down }, () => Promise.resolve(identity));
        await stream.reader.read();
        await stream.writer.write(new TextEncoder().encode(OK));
        stream.writer.end();
      })();
      return Promise.resolve({ reader: down, writer: up });
    };
    const { ask } = await withPod(OK, dial);
    expect(await (await ask("pods/https:web:443/proxy/")).text()).toBe("hi");
  });

  it.each([
    ["pods/web:81/proxy/", 503, "error trying to reach service: dial tcp 10.244.1.2:81: connect: connection refused"],
    [
      "pods/https:web:80/proxy/",
      503,
      "error trying to reach service: tls: first record does not look like a TLS handshake",
    ],
    ["pods/none/proxy/", 404, 'pods "none" not found'],
    ["pods/ftp:web:80/proxy/", 400, 'invalid pod request "ftp:web:80"'],
    ["pods/web:99999/proxy/", 400, 'invalid pod request "web:99999"'],
    ["services/web:9/proxy/", 503, 'no service port 9 found for service "web"'],
    ["services/web/proxy/", 503, 'no endpoints available for service "web"'],
    ["services/none/proxy/", 404, 'services "none" not found'],
  ])("answers %s with %d", async (path, code, message) => {
    const { ask } = await withPod();
    const response = await ask(path);
    expect(response.status).toBe(code);
    expect(((await response.json()) as Status).message).toBe(message);
  });

  it.each([
    ["", "error trying to reach service: EOF"],
    ["SSH-2.0-dropbear\r\n\r\n", 'error trying to reach service: malformed HTTP response: "SSH-2.0-dropbear"'],
    [
      "HTTP/1.1 200 OK\r\nx: \u2603\r\n\r\n",
      'error trying to reach service: malformed HTTP response: the header "x" is invalid',
    ],
  ])("says so when a program answers %j", async (answer, message) => {
    const { ask } = await withPod(answer);
    const response = await ask("pods/web/proxy/");
    expect([response.status, ((await response.json()) as Status).message]).toEqual([503, message]);
  });

  it("is not for everyone", async () => {
    const { program, ask } = await withPod();
    const stranger = { certificate: { commonName: "jane", organizations: [] } };
    const response = await ask("services/web:http/proxy/", {}, stranger);
    expect(response.status).toBe(403);
    expect(((await response.json()) as Status).message).toContain('cannot get resource "services/proxy"');
    expect(program.asked).toBe("");
  });
});
