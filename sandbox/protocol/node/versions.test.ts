import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { bytesSchema } from "../bytes";
import { PROTOCOL_HEADER, SPOKEN, type ProtocolRange } from "../version";
import { adoptOrSpawn, endProcess, type HostProcessSpec } from "./host-process";
import { JsonClient } from "./json-client";
import { serveJson, type JsonServer } from "./json-server";
import { acceptTunnel, openTunnel } from "./tunnel";

const savedSchema = z.object({ revision: z.string(), data: bytesSchema });
const SAVED = { revision: "7 — first", data: Uint8Array.of(0, 10, 255, 10) };

let folder: string;
let socketPath: string;
let server: JsonServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-"));
  socketPath = join(folder, "a.sock");
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function serve(speaks?: ProtocolRange): Promise<void> {
  server = await serveJson({
    socketPath,
    identity: { instance: "a", process: "terminal-host" },
    speaks,
    routes: [
      { method: "GET", path: "/v1/saved", handle: () => ({ status: 200, body: SAVED }) },
      { method: "GET", path: "/v1/count", handle: () => ({ status: 200, body: { count: 0 } }) },
    ],
    onUpgrade: (_request, socket) => acceptTunnel(socket),
    onInternalError: () => undefined,
  });
}

const only = (version: number): ProtocolRange => ({ oldest: version, newest: version });
const range = (oldest: number, newest: number): ProtocolRange => ({ oldest, newest });

describe("two processes", () => {
  it.each([
    [range(1, 2), range(1, 2), 2],
    [range(1, 2), only(1), 1],
    [only(1), range(1, 2), 1],
    [range(2, 3), range(1, 2), 2],
    [range(1, 4), range(3, 9), 4],
  ])("of which one speaks %j and the other %j speak %i", async (one, other, spoken) => {
    await serve(one);
    const client = new JsonClient({ socketPath }, other);
    expect(await client.greet("a", "terminal-host")).toMatchObject({ protocol: spoken });
    expect(await client.call("GET", "/v1/saved", { schema: savedSchema })).toEqual(SAVED);
  });

  it("send bytes as they are from version 2 on, and as base64 before", async () => {
    await serve();
    expect(await raw("/v1/saved", "1-2")).toMatchObject({
      version: "2",
      body: '{"bytes":"data","fields":{"revision":"7 — first"}}\n\0\n\xff\n',
    });
    expect(await raw("/v1/saved", "1")).toMatchObject({
      version: "1",
      body: '{"revision":"7 — first","data":"AAr/Cg=="}',
    });
  });

  it("get on with one that says nothing of versions, as those before version 2", async () => {
    await serve();
    expect(await raw("/v1/hello")).toMatchObject({ body: expect.stringContaining('"protocol":1,') as string });
    expect(await raw("/v1/saved")).toMatchObject({ body: expect.stringContaining("AAr/Cg==") as string });
    expect(await raw("/v1/count")).toMatchObject({ status: 200, body: '{"count":0}' });
  });

  it("with nothing in common say so, both of them, with what each speaks", async () => {
    await serve(range(3, 4));
    const client = new JsonClient({ socketPath });
    const asked = client.call("GET", "/v1/saved", { schema: savedSchema });
    await expect(asked).rejects.toMatchObject({
      code: "protocol-mismatch",
      message: expect.stringMatching(/answered in 3-4, spoken here 1-2/) as string,
    });
    expect(await raw("/v1/count", "1-2")).toMatchObject({
      status: 502,
      version: "3-4",
      body: expect.stringContaining("this terminal-host speaks 3-4, who asks speaks 1-2") as string,
    });
    for (const nonsense of ["x", "1-", "", "2-1"])
      expect(await raw("/v1/count", nonsense)).toMatchObject({ status: 502 });
    const tunnel = openTunnel({ socketPath }, "/v1/dial");
    await expect(tunnel).rejects.toMatchObject({ code: "protocol-mismatch" });
  });

  it("open a tunnel in any version they have in common", async () => {
    await serve(range(2, 3));
    (await openTunnel({ socketPath }, "/v1/dial")).destroy();
    const old = openTunnel({ socketPath }, "/v1/dial", { [PROTOCOL_HEADER]: "1" });
    await expect(old).rejects.toMatchObject({ code: "protocol-mismatch" });
  });
});

describe("a host process", () => {
  it("that is too busy to answer at once is waited for, and not started a second time", async () => {
    const server = createServer().listen(socketPath);
    let asked = 0;
    const busy = new Promise<void>((resolve) => {
      server.on("request", (_request, response) => {
        if (++asked === 1) return; // no answer, and the next one comes when that took too long
        response.end(JSON.stringify({ protocol: 1, instance: "a", process: "terminal-host", pid: 4711 }));
        resolve();
      });
    });
    const found = await adoptOrSpawn(spec({ isIdle: () => Promise.resolve(false) }));
    await busy;
    expect(found).toMatchObject({ pid: 4711, found: "running" });
    expect(asked).toBe(2);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("that speaks nothing we do is left alone, and named with what can be done", async () => {
    await serve(range(3, 4));
    const adopting = adoptOrSpawn(spec({ isIdle: () => Promise.resolve(true) }));
    await expect(adopting).rejects.toMatchObject({
      code: "protocol-mismatch",
      message: expect.stringMatching(
        new RegExp(`process ${process.pid}\\) speaks protocol 3-4, this release 1-2\\. Start a release`),
      ) as string,
    });
    expect(await raw("/v1/count", "3")).toMatchObject({ status: 200 });
  });

  it("of an older release stays as long as it holds something, then gives way", async () => {
    const script = join(folder, "host.mjs");
    writeFileSync(script, HOST);
    const env = { NODE_ENV: "test", SOCKET: socketPath, SPEAKS: "1" } as const;
    const first = spawn(process.execPath, [script], { env, stdio: "ignore" });
    const until = async (): Promise<number> => (await raw("/v1/hello").catch(() => ({ status: 0 }))).status;
    await expect.poll(until).toBe(200);
    const kept = await adoptOrSpawn(spec({ script, isIdle: () => Promise.resolve(false) }));
    expect(kept).toMatchObject({ pid: first.pid, protocol: 1, found: "running" });
    const ended = new Promise((resolve) => first.once("exit", resolve));
    const renewed = await adoptOrSpawn(spec({ script, isIdle: () => Promise.resolve(true) }));
    try {
      await ended;
      expect(renewed).toMatchObject({ protocol: 2, found: "started" });
      expect(renewed.pid).not.toBe(first.pid);
      const again = await adoptOrSpawn(spec({ script, isIdle: () => Promise.resolve(true) }));
      expect(again).toMatchObject({ pid: renewed.pid, found: "running" });
    } finally {
      await endProcess(renewed.pid, 1_000);
    }
  });
});

function spec(changes: Pick<HostProcessSpec, "isIdle"> & Partial<HostProcessSpec>): HostProcessSpec {
  return {
    instance: "a",
    process: "terminal-host",
    socketPath,
    speaks: SPOKEN,
    script: "/nowhere.mjs",
    env: { SOCKET: socketPath, SPEAKS: "2" },
    logFile: join(folder, "logs/host.log"),
    readyWithinMs: 10_000,
    ...changes,
  };
}

/** A host that greets in one version, and ends at SIGTERM. */
const HOST = `
import { createServer } from "node:http";
import { rmSync } from "node:fs";
const { SOCKET, SPEAKS } = process.env;
rmSync(SOCKET, { force: true });
createServer((_request, response) => {
  if (SPEAKS !== "1") response.setHeader("${PROTOCOL_HEADER}", SPEAKS);
  response.end(JSON.stringify({ protocol: Number(SPEAKS), instance: "a", process: "terminal-host", pid: process.pid }));
}).listen(SOCKET);
`;

/** What comes over the wire, a character for each byte past ASCII that is no UTF-8. */
function raw(path: string, speaks?: string): Promise<{ status: number; version: unknown; body: string }> {
  const headers = speaks === undefined ? {} : { [PROTOCOL_HEADER]: speaks };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks);
        const latin = text.toString("utf8").replaceAll("\ufffd", "\xff");
        resolve({ status: response.statusCode ?? 0, version: response.headers[PROTOCOL_HEADER], body: latin });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
