import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { SandboxError } from "../codes";
import { JsonClient } from "./json-client";
import { serveJson, type JsonRoute, type JsonServer } from "./json-server";

const IDENTITY = { instance: "a", process: "manager" } as const;
const routes: JsonRoute[] = [
  {
    method: "POST",
    path: "/v1/things/:id",
    handle: async ({ params, body }) => {
      const { size } = await body(z.strictObject({ size: z.number() }));
      return { status: 201, body: { id: params["id"], size } };
    },
  },
  { method: "GET", path: "/v1/full", handle: () => Promise.reject(new SandboxError("host-full", "50")) },
  { method: "GET", path: "/v1/broken", handle: () => Promise.reject(new Error("secret detail")) },
  {
    method: "GET",
    path: "/v1/lines",
    handle: ({ query }) => {
      const { count } = query(z.object({ count: z.coerce.number().int() }));
      return {
        lines: (write) => {
          for (let n = 1; n <= count; n++) write({ n });
          return Promise.resolve();
        },
      };
    },
  },
  {
    method: "GET",
    path: "/v1/endless",
    handle: () => ({
      lines: (write, signal) =>
        new Promise((resolve) => {
          write({ n: 0 });
          signal.addEventListener("abort", () => {
            ended = true;
            resolve();
          });
        }),
    }),
  },
];

let folder: string;
let socketPath: string;
let server: JsonServer;
let client: JsonClient;
let internal: unknown[];
let ended = false;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-"));
  socketPath = join(folder, "a.sock");
  internal = [];
  ended = false;
  server = await serveJson({
    socketPath,
    identity: IDENTITY,
    routes,
    maxBodyBytes: 1000,
    onInternalError: (error) => internal.push(error),
  });
  client = new JsonClient({ socketPath });
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const thing = z.object({ id: z.string(), size: z.number() });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "none",
    (error: unknown) => (error instanceof SandboxError ? error.code : error),
  );

describe("a JSON server", () => {
  it("answers on a socket that only its user may open", async () => {
    expect(await client.call("POST", "/v1/things/x", { body: { size: 2 }, schema: thing })).toEqual({
      id: "x",
      size: 2,
    });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["no such path", () => client.call("GET", "/v1/nothing"), "not-found"],
    ["another method", () => client.call("DELETE", "/v1/things/x"), "method-not-allowed"],
    ["a body of another shape", () => client.call("POST", "/v1/things/x", { body: { size: "2" } }), "bad-body"],
    ["no body", () => client.call("POST", "/v1/things/x"), "bad-body"],
    ["a body past the limit", () => client.call("POST", "/v1/things/x", { body: "x".repeat(2000) }), "body-too-large"],
    ["a bad query", () => client.call("GET", "/v1/lines?count=x"), "bad-request"],
    ["a refusal of its own", () => client.call("GET", "/v1/full"), "host-full"],
    ["an answer of another shape", () => client.call("GET", "/v1/hello", { schema: thing }), "protocol-mismatch"],
  ])("refuses %s by code", async (_what, call, code) => {
    expect(await codeOf(call())).toBe(code);
    expect(internal).toEqual([]);
  });

  it("says nothing of an unexpected error but its code, and reports it", async () => {
    const refusal = await client.call("GET", "/v1/broken").catch((error: unknown) => error);
    expect(String(refusal)).not.toContain("secret");
    expect(String(internal[0])).toContain("secret detail");
  });

  it("survives bytes that are no HTTP", async () => {
    const said = await new Promise<string>((resolve) => {
      const socket = connect(socketPath, () => socket.write("\x16\x03\x01 nonsense\r\n\r\n"));
      let text = "";
      socket.on("data", (chunk) => (text += String(chunk)));
      socket.on("close", () => resolve(text));
    });
    expect(said).toContain('"code":"bad-request"');
    expect(await codeOf(client.greet("a", "manager"))).toBe("none");
  });

  it("refuses an upgrade nobody handles", async () => {
    const status = await new Promise((resolve, reject) => {
      const asked = request({ socketPath, path: "/ws/x", headers: { connection: "upgrade", upgrade: "websocket" } });
      asked.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end();
    });
    expect(status).toBe(404);
  });

  it("streams lines to their end, and stops when the reader has gone", async () => {
    const line = z.object({ n: z.number() });
    const got: number[] = [];
    for await (const { n } of client.lines("/v1/lines?count=3", line, new AbortController().signal)) got.push(n);
    expect(got).toEqual([1, 2, 3]);
    const reading = new AbortController();
    for await (const { n } of client.lines("/v1/endless", line, reading.signal)) if (n === 0) reading.abort();
    await expect.poll(() => ended).toBe(true);
  });

  it("takes the place of a socket that nobody serves, but not of one that answers", async () => {
    const again = (): Promise<JsonServer> =>
      serveJson({ socketPath, identity: IDENTITY, routes, onInternalError: () => {} });
    await expect(again()).rejects.toThrow("another process serves");
    await server.close();
    writeFileSync(join(folder, "other"), "");
    server = await again();
    expect(await codeOf(client.greet("a", "manager"))).toBe("none");
  });
});

describe("a JSON client", () => {
  it("tells another instance, another process and nobody apart", async () => {
    expect(await codeOf(client.greet("b", "manager"))).toBe("instance-mismatch");
    expect(await codeOf(client.greet("a", "terminal-host"))).toBe("instance-mismatch");
    expect(await codeOf(new JsonClient({ socketPath: join(folder, "none") }).greet("a", "manager"))).toBe(
      "peer-unreachable",
    );
  });

  it("gives up after its time", async () => {
    expect(await codeOf(client.call("GET", "/v1/endless", { timeoutMs: 50 }))).toBe("peer-unreachable");
  });
});
