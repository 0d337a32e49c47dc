import { connect, type ClientHttp2Session } from "node:http2";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { HttpHandler } from "../api/channel";
import { createClusterPki } from "./pki";
import { serve, type Server } from "./serve";

const pki = createClusterPki(Date.now());
let server: Server;
let session: ClientHttp2Session;
let handler: HttpHandler["fetch"];

beforeEach(async () => {
  server = await serve(
    {
      fetch: (request, peer) => handler(request, peer),
      connect: () => Promise.resolve({ kind: "refuse", response: new Response(null, { status: 404 }) }),
    },
    { listen: { port: 0 }, tls: { ...pki.serving, clientCa: pki.ca.cert } },
  );
  session = connect(server.url, { ca: pki.ca.cert, cert: pki.admin.cert, key: pki.admin.key });
  session.on("error", () => undefined);
});
afterEach(async () => {
  session.destroy();
  await server.close();
});

async function call(path: string, headers: Record<string, string> = {}, body?: string | Buffer) {
  const stream = session.request({ ":path": path, ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answered] = (await once(stream, "response")) as [Record<string, string | number>];
  let text = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream as AsyncIterable<string>) text += chunk;
  return { status: answered[":status"], type: answered["content-type"], text };
}

it("answers HTTP/2, with the body and the certificate of its client", async () => {
  handler = async (request, peer) =>
    Response.json({ method: request.method, url: request.url, body: await request.text(), peer }, { status: 201 });
  const { status, type, text } = await call("/api/v1/pods?x=1", { ":method": "POST", "content-type": "a/b" }, "hello");
  expect({ status, type }).toEqual({ status: 201, type: "application/json" });
  expect(JSON.parse(text)).toEqual({
    method: "POST",
    url: `${server.url}/api/v1/pods?x=1`,
    body: "hello",
    peer: { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } },
  });
});

it("carries many requests at once, each to its own answer", async () => {
  handler = (request) => Promise.resolve(new Response(new URL(request.url).pathname));
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => call(`/${index}`)));
  expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, index) => `/${index}`));
});

it("refuses a body over 3 MiB and goes on with the connection", async () => {
  handler = () => Promise.resolve(new Response("fine"));
  expect((await call("/", { ":method": "POST" }, Buffer.alloc(3 * 1024 * 1024 + 1))).status).toBe(413);
  expect((await call("/")).text).toBe("fine");
});

it("shows a watch's headers before its first event, and stops it when its stream is reset", async () => {
  let isGone: Promise<unknown> | undefined;
  handler = (request) => {
    isGone = once(request.signal, "abort");
    return Promise.resolve(new Response(new ReadableStream({ pull: () => new Promise(() => {}) })));
  };
  const stream = session.request({ ":path": "/watch" });
  await once(stream, "response");
  stream.close();
  await isGone;
});

it("ends open streams when it is closed", async () => {
  handler = () => Promise.resolve(new Response(new ReadableStream({ pull: () => new Promise(() => {}) })));
  const stream = session.request({ ":path": "/watch" });
  stream.on("error", () => undefined);
  await once(stream, "response");
  const ended = new Promise((resolve) => stream.once("close", resolve));
  await server.close();
  await ended;
});
