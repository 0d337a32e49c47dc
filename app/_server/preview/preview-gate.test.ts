import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { SandboxError, type ErrorCode } from "@/sandbox/protocol/codes";
import { PreviewGate } from "./preview-gate";
import { PreviewHosts } from "./preview-hosts";
import { PREVIEW_LIMITS } from "./preview-proxy";
import { PreviewPasses } from "./preview-pass";
import { PreviewTickets } from "./preview-tickets";

const SANDBOX = "01980000-0000-7000-8000-000000000001";
const SITE = "localhost:3000";
const ASK = `/previews/${SANDBOX}/shop/web/80`;
const TARGET = { sandboxId: SANDBOX, namespace: "shop", service: "web", port: 80 };
const hosts = new PreviewHosts("http://*.preview.localhost:3000", "s".repeat(32));
const HOST = new URL(hosts.originOf(TARGET)).host;

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The gate before a program that answers with what it was asked; the cookie of the site names who visits. */
class World {
  readonly asked: IncomingMessage[] = [];
  readonly opened: string[] = [];
  /** The sessions for which connections stay. */
  readonly upgraded: string[] = [];
  readonly sessions = new Set(["ann", "bob"]);
  now = 1_000_000;
  refuses: ErrorCode | undefined;
  readonly #pod: Server = createServer((incoming, response) => {
    this.asked.push(incoming);
    if (incoming.url === "/garbage") return void response.socket?.end("SSH-2.0\r\n");
    if (incoming.url === "/moved") return void response.writeHead(302, { location: "http://web.shop/new" }).end();
    response.writeHead(200, { "set-cookie": "theirs=1; Domain=localhost" });
    incoming.pipe(response);
  });
  readonly #web: Server;

  constructor() {
    const gate = new PreviewGate({
      hosts,
      passes: new PreviewPasses("s".repeat(32), () => this.now),
      tickets: new PreviewTickets(() => this.now),
      now: () => this.now,
      visitor: ({ headers }) => {
        const name = /site=(\w+)/.exec(headers.cookie ?? "")?.[1];
        return Promise.resolve(name === undefined ? undefined : { userId: name, sessionId: name });
      },
      sessionLives: (sessionId) => Promise.resolve(this.sessions.has(sessionId)),
      owns: (userId, sandboxId) => Promise.resolve(userId === "ann" && sandboxId === SANDBOX),
      dial: () => this.#dial(),
      onOpen: (userId) => this.opened.push(userId),
      onUpgrade: (_socket, sessionId) => this.upgraded.push(sessionId),
    });
    this.#web = createServer((incoming, response) => {
      const pathname = (incoming.url ?? "").split("?", 1)[0] ?? "";
      if (gate.takes(incoming)) void gate.handle(incoming, response);
      else if (gate.isAsked(pathname)) void gate.open(incoming, response, pathname);
      else response.writeHead(421).end();
    });
    this.#web.on("upgrade", (incoming, socket, head) => void gate.upgrade(incoming, socket, head));
    new WebSocketServer({ server: this.#pod }).on("connection", (client, incoming) => {
      this.asked.push(incoming);
      client.on("message", (message: Buffer) => client.send(`echo ${message.toString()}`));
    });
  }

  async start(): Promise<void> {
    for (const server of [this.#pod, this.#web]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    }
  }

  get port(): number {
    return portOf(this.#web);
  }

  stop(): void {
    for (const server of [this.#pod, this.#web]) {
      server.close();
      server.closeAllConnections();
    }
  }

  get(host: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const sent = request({ port: this.port, path, method, headers: { host, ...headers }, agent: false });
      sent.on("error", reject).on("response", (response) => {
        let text = "";
        response.on("error", reject);
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      sent.end(body);
    });
  }

  /** The address that the site sends this visitor to. */
  async ticketUrl(who: string): Promise<URL> {
    return new URL((await this.get(SITE, ASK, { cookie: `site=${who}` })).headers.location ?? "");
  }

  /** The cookie that a ticket is exchanged for. */
  async passOf(url: URL): Promise<string> {
    const { headers } = await this.get(url.host, `${url.pathname}${url.search}`);
    return headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? "";
  }

  #dial(): Promise<Socket> {
    if (this.refuses) return Promise.reject(new SandboxError(this.refuses));
    return Promise.resolve(connect(portOf(this.#pod), "127.0.0.1"));
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

describe("a preview", () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    await world.start();
  });
  afterEach(() => world.stop());

  it("is opened from the site with a ticket, which becomes a cookie for that host alone", async () => {
    const url = await world.ticketUrl("ann");
    expect(url.host).toBe(HOST);
    const entered = await world.get(url.host, `${url.pathname}${url.search}`);
    expect([entered.status, entered.headers.location]).toEqual([303, "/"]);
    expect(entered.headers["set-cookie"]?.[0]).toMatch(
      /^slipway-preview=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=28800$/,
    );
    expect(entered.headers["referrer-policy"]).toBe("no-referrer");
    expect(world.opened).toEqual(["ann"]);
    expect(new PreviewHosts("https://*.p.example.org", "x").isSecure).toBe(true);
  });

  it("passes a request and its answer on, body included, and shows the pod none of our cookies", async () => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    const answer = await world.get(HOST, "/form?q=1", { cookie: `${cookie}; theirs=1` }, "hello");
    expect([answer.status, answer.body]).toEqual([200, "hello"]);
    expect(answer.headers["set-cookie"]).toEqual(["theirs=1"]);
    const [asked] = world.asked;
    expect(asked?.url).toBe("/form?q=1");
    expect(asked?.headers).toMatchObject({ host: HOST, cookie: "theirs=1", "x-forwarded-proto": "http" });
    expect((await world.get(HOST, "/moved", { cookie })).headers.location).toBe("/new");
  });

  it("carries a WebSocket, for its own pages only", async () => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    const socket = new WebSocket(`ws://127.0.0.1:${world.port}/live`, { headers: { host: HOST, cookie } });
    const heard = new Promise((resolve) => socket.once("message", (message: Buffer) => resolve(message.toString())));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.send("ahoy");
    expect(await heard).toBe("echo ahoy");
    expect(world.upgraded).toEqual(["ann"]);
    socket.terminate();
    const headers = { host: HOST, cookie, origin: "https://evil.example" };
    const foreign = new WebSocket(`ws://127.0.0.1:${world.port}/live`, { headers });
    await expect(new Promise((_, reject) => foreign.once("error", reject))).rejects.toThrow("403");
  });

  it("is refused without a pass, to other users, to passes of other previews and to what we did not sign", async () => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    const other = new URL(hosts.originOf({ ...TARGET, service: "db" })).host;
    const forged = `${cookie.slice(0, -4)}AAAA`;
    for (const [host, sent] of [
      [HOST, ""],
      [HOST, "slipway-preview=x.y"],
      [HOST, forged],
      [other, cookie],
    ] as const) {
      const answer = await world.get(host, "/", { cookie: sent });
      expect([answer.status, answer.body]).toEqual([403, expect.stringContaining("not open to you")]);
    }
    expect((await world.get(SITE, ASK)).status).toBe(401);
    expect((await world.get(SITE, ASK, { cookie: "site=bob" })).status).toBe(404);
    expect(world.asked).toEqual([]);
  });

  it("takes a ticket once, within its time, at its own host, and when the learner asked for it", async () => {
    const url = await world.ticketUrl("ann");
    const path = `${url.pathname}${url.search}`;
    expect((await world.get(HOST, path)).status).toBe(303);
    expect((await world.get(HOST, path)).status).toBe(403);
    const late = await world.ticketUrl("ann");
    world.now += 30_000;
    expect((await world.get(HOST, `${late.pathname}${late.search}`)).status).toBe(403);
    const astray = await world.ticketUrl("ann");
    const other = new URL(hosts.originOf({ ...TARGET, port: 81 })).host;
    expect((await world.get(other, `${astray.pathname}${astray.search}`)).status).toBe(403);
    for (const site of ["cross-site", "same-site"]) {
      const headers = { cookie: "site=ann", "sec-fetch-site": site };
      expect((await world.get(SITE, ASK, headers)).status).toBe(403);
    }
  });

  it("ends with the session it was opened from, and when its pass is too old", async () => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    expect((await world.get(HOST, "/", { cookie })).status).toBe(200);
    world.sessions.delete("ann");
    world.now += 5_000;
    expect((await world.get(HOST, "/", { cookie })).status).toBe(403);
    world.sessions.add("ann");
    world.now += 8 * 60 * 60 * 1000;
    expect((await world.get(HOST, "/", { cookie })).status).toBe(403);
  });

  it.each([
    ["service-not-found", 404, "There is no such Service"],
    ["no-endpoints", 503, "No endpoints"],
    ["connection-refused", 502, "Connection refused"],
    ["connection-timeout", 504, "No answer"],
    ["sandbox-stopped", 410, "Your sandbox has stopped"],
    ["sandbox-not-found", 404, "There is no such sandbox"],
    ["peer-unreachable", 502, "This preview does not work"],
  ] as const)("says in words what is in the way: %s", async (code, status, title) => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    world.refuses = code;
    const answer = await world.get(HOST, "/", { cookie });
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`<h1>${title}</h1>`)]);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it("says so where something else than HTTP answers, and where a body is too large", async () => {
    const cookie = await world.passOf(await world.ticketUrl("ann"));
    const garbage = await world.get(HOST, "/garbage", { cookie });
    expect([garbage.status, garbage.body]).toEqual([502, expect.stringContaining("not a web page")]);
    const large = "x".repeat(PREVIEW_LIMITS.requestBytes + 1);
    const refused = await world.get(HOST, "/form", { cookie }, large).catch((error: unknown) => error);
    // The pod may have answered the first bytes already: then the connection breaks.
    if (!(refused instanceof Error)) expect(refused).not.toMatchObject({ body: large });
  });
});
