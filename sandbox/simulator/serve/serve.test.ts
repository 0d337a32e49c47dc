import { mkdtempSync, rmSync } from "node:fs";
import { request, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Channel, HttpHandler, Peer } from "../api/channel";
import { createClusterPki } from "./pki";
import { serve, type Listen, type Server } from "./serve";

const pki = createClusterPki(Date.now());
const stranger = createClusterPki(Date.now());
const running: Server[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

type Fetch = HttpHandler["fetch"];
const notFound: Fetch = () => Promise.resolve(new Response(null, { status: 404 }));

async function start(
  handler: Partial<HttpHandler>,
  listen: Listen = { port: 0 },
  onError?: (error: unknown) => void,
): Promise<Server> {
  const whole: HttpHandler = {
    fetch: notFound,
    connect: () => Promise.resolve({ kind: "refuse", response: new Response(null, { status: 404 }) }),
    ...handler,
  };
  const server = await serve(whole, {
    listen,
    tls: { ...pki.serving, clientCa: pki.ca.cert },
    ...(onError && { onError }),
  });
  running.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

async function call(
  server: Server,
  path: string,
  options: RequestOptions = {},
  body?: string | Buffer,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const message = request(
      { host: "127.0.0.1", port: server.port, path, ca: pki.ca.cert, agent: false, ...options },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    message.on("error", reject);
    message.end(body);
  });
}

describe("serve", () => {
  it("hands requests with method, path, query, headers and body to the handler", async () => {
    const server = await start({
      fetch: async (got) =>
        Response.json(
          { method: got.method, url: got.url, type: got.headers.get("content-type"), body: await got.text() },
          { status: 201, headers: { "x-kept": "yes" } },
        ),
    });
    const answer = await call(
      server,
      "/api/v1/pods?limit=5",
      { method: "POST", headers: { "content-type": "application/json" } },
      '{"a":"ä"}',
    );
    expect(answer.status).toBe(201);
    expect(answer.headers["x-kept"]).toBe("yes");
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(0);
    expect(JSON.parse(answer.body)).toEqual({
      method: "POST",
      url: `https://127.0.0.1:${server.port}/api/v1/pods?limit=5`,
      type: "application/json",
      body: '{"a":"ä"}',
    });
  });

  it("tells the handler whom a client certificate names, and nobody without one or with a stranger's", async () => {
    const server = await start({ fetch: (_request, peer) => Promise.resolve(Response.json(peer)) });
    const named: Peer = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };
    expect(JSON.parse((await call(server, "/", { ...pki.admin })).body)).toEqual(named);
    expect(JSON.parse((await call(server, "/")).body)).toEqual({});
    expect(JSON.parse((await call(server, "/", { ...stranger.admin })).body)).toEqual({});
    const two = pki.ca.issue({ commonName: "ann", organizations: ["dev", "ops"], usage: "client" }, Date.now());
    expect(JSON.parse((await call(server, "/", { ...two })).body)).toEqual({
      certificate: { commonName: "ann", organizations: ["dev", "ops"] },
    });
  });

  it("carries a certificate for every name a cluster's API server has", async () => {
    const server = await start({});
    for (const servername of ["kubernetes", "kubernetes.default.svc.cluster.local", "localhost"])
      expect((await call(server, "/", { servername })).status).toBe(404);
    await expect(call(server, "/", { servername: "example.org" })).rejects.toThrow(/altnames/);
    await expect(call(server, "/", { ca: stranger.ca.cert })).rejects.toThrow(/certificate/);
  });

  it("refuses a body over 3 MiB as the API server does, announced or not", async () => {
    const server = await start({ fetch: async (got) => new Response(String((await got.arrayBuffer()).byteLength)) });
    const limit = 3 * 1024 * 1024;
    expect((await call(server, "/", { method: "POST" }, Buffer.alloc(limit))).body).toBe(String(limit));
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const refused = await call(server, "/", { method: "POST", headers }, Buffer.alloc(limit + 1));
      expect(refused.status).toBe(413);
      expect(JSON.parse(refused.body)).toMatchObject({
        kind: "Status",
        reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is 3145728",
        code: 413,
      });
    }
  });

  it("shows a watch's headers before its first event and sends each event as it comes", async () => {
    let events: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (events = controller) });
    const server = await start({
      fetch: () => Promise.resolve(new Response(stream, { headers: { "content-type": "application/json" } })),
    });
    await new Promise<void>((resolve, reject) => {
      const message = request(
        { host: "127.0.0.1", port: server.port, path: "/", ca: pki.ca.cert, agent: false },
        (response) => {
          const seen: string[] = [];
          response.on("data", (chunk: Buffer) => {
            seen.push(chunk.toString());
            if (seen.length === 1) events?.enqueue(Buffer.from("two"));
            else events?.close();
          });
          response.on("end", () => (seen.join() === "one,two" ? resolve() : reject(new Error(seen.join()))));
          events?.enqueue(Buffer.from("one"));
        },
      );
      message.on("error", reject);
      message.end();
    });
  });

  it("aborts the request and cancels its body when the client goes away", async () => {
    let seen: (what: string) => void = () => undefined;
    const gone = new Promise<string>((resolve) => (seen = resolve));
    const cancelled = new Promise<string>((resolve) => {
      void start({
        fetch: (got) => {
          got.signal.addEventListener("abort", () => seen("aborted"));
          return Promise.resolve(new Response(new ReadableStream({ cancel: () => resolve("cancelled") })));
        },
      }).then((server) => {
        const message = request(
          { host: "127.0.0.1", port: server.port, path: "/", ca: pki.ca.cert, agent: false },
          () => message.destroy(),
        );
        message.on("error", () => undefined);
        message.end();
      });
    });
    expect(await Promise.all([gone, cancelled])).toEqual(["aborted", "cancelled"]);
  });

  it("waits while a client reads slowly", async () => {
    let pulled = 0;
    const counted = (): Response => {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled++;
          controller.enqueue(new Uint8Array(65536));
        },
      });
      return new Response(body);
    };
    const server = await start({ fetch: () => Promise.resolve(counted()) });
    await new Promise<void>((resolve) => {
      const message = request(
        { host: "127.0.0.1", port: server.port, path: "/", ca: pki.ca.cert, agent: false },
        (response) => {
          response.pause();
          setTimeout(() => {
            message.destroy();
            resolve();
          }, 300);
        },
      );
      message.on("error", () => undefined);
      message.end();
    });
    expect(pulled).toBeLessThan(400);
  });

  it("answers 500 when the handler fails, and says so to onError", async () => {
    const errors: unknown[] = [];
    const server = await start({ fetch: () => Promise.reject(new Error("boom")) }, { port: 0 }, (error) =>
      errors.push(error),
    );
    expect((await call(server, "/")).status).toBe(500);
    expect(errors).toEqual([new Error("boom")]);
  });

  it("answers 400 to a target that is no path", async () => {
    const server = await start({ fetch: () => Promise.resolve(new Response("reached")) });
    expect(await call(server, "http://other/")).toMatchObject({ status: 400 });
  });

  it("survives bytes that are no TLS", async () => {
    const server = await start({ fetch: () => Promise.resolve(new Response("fine")) });
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.0\r\n\r\n"));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
      socket.resume();
    });
    expect((await call(server, "/")).body).toBe("fine");
  });

  it("listens on a unix socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "serve-"));
    const socketPath = join(folder, "api.sock");
    const server = await start({ fetch: () => Promise.resolve(new Response("here")) }, { socketPath });
    expect((await call(server, "/", { socketPath, servername: "localhost" })).body).toBe("here");
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it("rejects when the port is taken, and ends open watches when it is closed", async () => {
    const first = await start({ fetch: () => Promise.resolve(new Response(new ReadableStream())) });
    await expect(start({}, { port: first.port })).rejects.toThrow(/EADDRINUSE/);
    await new Promise<void>((resolve) => {
      const message = request(
        { host: "127.0.0.1", port: first.port, path: "/", ca: pki.ca.cert, agent: false },
        (response) => {
          response.on("error", () => undefined);
          response.on("close", () => resolve());
          void first.close();
        },
      );
      message.on("error", () => resolve());
      message.end();
    });
  });
});

describe("WebSocket upgrades", () => {
  const url = (server: Server, path: string): string => `wss://127.0.0.1:${server.port}${path}`;

  async function echo(channel: Channel): Promise<void> {
    for (let message = await channel.receive(); message; message = await channel.receive()) {
      if (message.length === 0) return;
      await channel.send(message);
    }
  }

  it("become a channel with the subprotocol the handler chose", async () => {
    let peer: Peer | undefined;
    const server = await start({
      connect: (got, who) => {
        peer = who;
        expect(new URL(got.url).searchParams.getAll("command")).toEqual(["sh", "-c"]);
        return Promise.resolve({ kind: "accept", protocol: "v5.channel.k8s.io", run: echo });
      },
    });
    const socket = new WebSocket(
      url(server, "/exec?command=sh&command=-c"),
      ["v5.channel.k8s.io", "v4.channel.k8s.io"],
      { ca: pki.ca.cert, ...pki.admin },
    );
    const got = await new Promise<Buffer>((resolve, reject) => {
      socket.on("open", () => socket.send(Buffer.from([0, 104, 105])));
      socket.on("message", (data: Buffer) => resolve(data));
      socket.on("error", reject);
    });
    expect([...got]).toEqual([0, 104, 105]);
    expect(socket.protocol).toBe("v5.channel.k8s.io");
    expect(peer?.certificate?.commonName).toBe("kubernetes-admin");
    const pong = new Promise((resolve) => socket.on("pong", resolve));
    socket.ping();
    await pong;
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.send(Buffer.alloc(0));
    expect(await closed).toBe(1000);
  });

  it("answer with a subprotocol whose name is no token of HTTP", async () => {
    const protocol = "SPDY/3.1+portforward.k8s.io";
    const server = await start({ connect: () => Promise.resolve({ kind: "accept", protocol, run: echo }) });
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-protocol": protocol,
    };
    const answered = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const message = request({ host: "127.0.0.1", port: server.port, path: "/x", ca: pki.ca.cert, headers });
      message.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response.headers);
      });
      message.on("response", () => reject(new Error("refused")));
      message.on("error", reject);
      message.end();
    });
    expect(answered["sec-websocket-protocol"]).toBe(protocol);
  });

  it("are refused with the handler's response", async () => {
    const server = await start({
      connect: () =>
        Promise.resolve({ kind: "refuse", response: Response.json({ reason: "Forbidden" }, { status: 403 }) }),
    });
    const socket = new WebSocket(url(server, "/exec"), [], { ca: pki.ca.cert });
    const status = await new Promise((resolve, reject) => {
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.on("open", () => reject(new Error("opened")));
      socket.on("error", () => undefined);
    });
    expect(status).toBe(403);
  });

  it("end the channel when the client goes away", async () => {
    let ended: (value: unknown) => void = () => undefined;
    const over = new Promise((resolve) => (ended = resolve));
    const server = await start({
      connect: () =>
        Promise.resolve({
          kind: "accept",
          protocol: "",
          run: async (channel) => {
            ended(await channel.receive());
            await expect(channel.send(Buffer.from("x"))).rejects.toThrow("closed");
          },
        }),
    });
    const socket = new WebSocket(url(server, "/exec"), [], { ca: pki.ca.cert });
    socket.on("open", () => socket.terminate());
    expect(await over).toBeUndefined();
  });

  it("end when the server is closed", async () => {
    const server = await start({ connect: () => Promise.resolve({ kind: "accept", protocol: "", run: echo }) });
    const socket = new WebSocket(url(server, "/exec"), [], { ca: pki.ca.cert });
    await new Promise((resolve) => socket.on("open", resolve));
    const closed = new Promise((resolve) => socket.on("close", resolve));
    await server.close();
    expect(await closed).toBe(1006);
  });

  it("are other upgrades' 400", async () => {
    const server = await start({ connect: () => Promise.resolve({ kind: "accept", protocol: "", run: echo }) });
    expect(
      (await call(server, "/exec", { method: "POST", headers: { connection: "Upgrade", upgrade: "SPDY/3.1" } })).status,
    ).toBe(400);
  });
});
