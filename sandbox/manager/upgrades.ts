import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { servicePortSchema } from "../protocol/cluster-host-api";
import { SandboxError } from "../protocol/codes";
import { refuseUpgrade } from "../protocol/node/json-server";
import type { SandboxEvent } from "../protocol/sandbox-events";
import type { SandboxState } from "../protocol/sandbox-view";
import { CLOSE } from "../protocol/terminal-frames";
import {
  terminalSocketQuerySchema,
  watchSocketQuerySchema,
  type TerminalSocketQuery,
  type WatchSocketQuery,
} from "../protocol/manager-api";
import { USER_HEADER, type ProtocolRange } from "../protocol/version";
import { requireReady } from "./live-sandbox";
import { terminalIdOf, viewOf } from "./sandbox-record";
import { isActive } from "./sandbox-state";
import type { Sandboxes } from "./sandboxes";
import type { ServiceTunnels } from "./service-tunnels";
import { spliceUpgrade } from "./splice";
import type { ManagerStore } from "./store";
import type { TerminalHost } from "./terminal-host";
import type { Tickets } from "./tickets";
import type { Watchers } from "./watchers";

export interface UpgradeParts {
  readonly sandboxes: Sandboxes;
  /** With the terminal-host. */
  readonly speaks: ProtocolRange;
  readonly tickets: Tickets;
  readonly tunnels: Pick<ServiceTunnels, "open">;
  readonly watchers: Pick<Watchers, "add">;
  readonly terminals: Pick<TerminalHost, "connect">;
  readonly store: Pick<ManagerStore, "findSandbox" | "audit">;
  readonly onInternalError: (error: unknown) => void;
}

/** Twice that without an answer and the socket is dead: noticed within 20 s. */
const PING_EVERY_MS = 9_000;

/** The `/ws` paths: who holds a good ticket gets the terminal's bytes, or the sandbox's events. And tunnels to Services. */
export class Upgrades {
  readonly #parts: UpgradeParts;
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 });
  /** Connections to the terminal-host. */
  readonly #spliced = new Set<Duplex>();
  #closed = false;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
  }

  /** Never throws: whatever is wrong is answered on the socket. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#open(request, socket, head).catch((error: unknown) => {
      const known = error instanceof SandboxError;
      if (!known) this.#parts.onInternalError(error);
      refuseUpgrade(socket, known ? error : new SandboxError("internal"));
    });
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#webSockets.clients) client.close(1001);
    for (const socket of this.#spliced) socket.destroy();
  }

  async #open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { pathname, searchParams } = urlOf(request);
    const dialled = /^\/v1\/sandboxes\/([^/]+)\/dial$/.exec(pathname)?.[1];
    if (dialled !== undefined) {
      const target = servicePortSchema.safeParse(Object.fromEntries(searchParams));
      if (!target.success) throw new SandboxError("bad-request", target.error.issues[0]?.path.join("."));
      const wanted = { sandboxId: dialled, userId: headerOf(request, USER_HEADER), target: target.data };
      return this.#parts.tunnels.open(wanted, socket, head);
    }
    if (pathname === "/ws/watch") {
      const query = watchSocketQuerySchema.safeParse(Object.fromEntries(searchParams));
      if (!query.success) throw new SandboxError("bad-request", query.error.issues[0]?.path.join("."));
      return this.#watch(query.data, request, socket, head);
    }
    if (pathname !== "/ws/terminal" && pathname !== "/ws/sandbox") throw new SandboxError("not-found");
    const redeemed = this.#parts.tickets.redeem({
      ticket: searchParams.get("ticket") ?? undefined,
      purpose: pathname === "/ws/terminal" ? "terminal" : "sandbox",
      userId: headerOf(request, USER_HEADER),
      origin: request.headers.origin,
    });
    if (!redeemed.ok) throw new SandboxError(redeemed.code);
    if (pathname === "/ws/sandbox") return this.#pushEvents(redeemed.sandboxId, request, socket, head);
    const query = terminalSocketQuerySchema.safeParse(Object.fromEntries(searchParams));
    if (!query.success) throw new SandboxError("bad-request", query.error.issues[0]?.path.join("."));
    await this.#attach(redeemed.sandboxId, query.data, request, socket, head);
  }

  async #attach(
    sandboxId: string,
    { from, terminal }: TerminalSocketQuery,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const { sandboxes, terminals, store } = this.#parts;
    const record = sandboxes.find(sandboxId);
    if (!record || !isActive(record.state)) {
      const view = record ? viewOf(record) : await store.findSandbox(sandboxId);
      if (!view) throw new SandboxError("sandbox-not-found");
      this.#turnAway(request, socket, head, view.state);
      return;
    }
    await sandboxes.openShell(sandboxId, terminal);
    await store.audit({ action: "terminal.attach", sandboxId, actorId: record.userId, detail: { terminal } });
    if (this.#closed) throw new SandboxError("peer-unreachable", "closing");
    const query = from === undefined ? "" : `?from=${from}`;
    const upstream = spliceUpgrade(request, socket, head, terminals.connect(), {
      path: `/v1/terminals/${terminalIdOf(record, terminal)}/attach${query}`,
      speaks: this.#parts.speaks,
    });
    this.#spliced.add(upstream);
    // The terminal-host says goodbye by itself; this is for a host that no longer can.
    const unwatch = sandboxes.watch(sandboxId, (event) => {
      if (event.type === "sandbox" && event.sandbox.state.phase === "stopped") upstream.end();
    });
    upstream.once("close", () => {
      this.#spliced.delete(upstream);
      unwatch();
    });
  }

  /** For somebody who only watches: no shell is made for them, and the terminal-host takes nothing they send. */
  async #watch(query: WatchSocketQuery, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { sandboxes, terminals, store, watchers } = this.#parts;
    const { sandbox: sandboxId, terminal, share, until, from } = query;
    const record = sandboxes.find(sandboxId);
    if (!record?.terminals.includes(terminal)) throw new SandboxError("terminal-not-found");
    requireReady(record);
    await store.audit({ action: "terminal.watch", sandboxId, detail: { terminal, share } });
    if (this.#closed) throw new SandboxError("peer-unreachable", "closing");
    const upstream = spliceUpgrade(request, socket, head, terminals.connect(), {
      path: `/v1/terminals/${terminalIdOf(record, terminal)}/attach?watch=1${from === undefined ? "" : `&from=${from}`}`,
      speaks: this.#parts.speaks,
    });
    this.#spliced.add(upstream);
    upstream.once("close", () => this.#spliced.delete(upstream));
    watchers.add(sandboxId, share, upstream, new Date(until));
  }

  #pushEvents(sandboxId: string, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> | void {
    if (!this.#parts.sandboxes.find(sandboxId)) return this.#pushLast(sandboxId, request, socket, head);
    this.#webSockets.handleUpgrade(request, socket, head, (client) => {
      const unwatch = this.#parts.sandboxes.watch(sandboxId, (event) => {
        send(client, event);
        const { state } = event.type === "sandbox" ? event.sandbox : { state: undefined };
        if (state?.phase === "stopped") client.close(CLOSE.stopped, state.reason);
      });
      keepAlive(client, unwatch);
    });
  }

  /** One that has stopped is told from the store, once. */
  async #pushLast(sandboxId: string, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const sandbox = await this.#parts.store.findSandbox(sandboxId);
    if (!sandbox) throw new SandboxError("sandbox-not-found");
    const reason = sandbox.state.phase === "stopped" ? sandbox.state.reason : "";
    this.#webSockets.handleUpgrade(request, socket, head, (client) => {
      send(client, { type: "sandbox", sandbox });
      client.close(CLOSE.stopped, reason);
    });
  }

  /** Accepts and closes: a browser learns nothing from a refused upgrade, but reads the code of a close. */
  #turnAway(request: IncomingMessage, socket: Duplex, head: Buffer, state: SandboxState): void {
    const reason = "reason" in state ? state.reason : "";
    this.#webSockets.handleUpgrade(request, socket, head, (client) => client.close(CLOSE.stopped, reason));
  }
}

function send(client: WebSocket, event: SandboxEvent): void {
  client.send(JSON.stringify(event));
}

function keepAlive(client: WebSocket, onGone: () => void): void {
  let answered = true;
  const timer = setInterval(() => {
    if (!answered) {
      client.terminate();
      return;
    }
    answered = false;
    client.ping();
  }, PING_EVERY_MS);
  timer.unref();
  client.on("pong", () => (answered = true));
  client.on("message", () => client.close(CLOSE.malformed, "bad-frame"));
  client.on("error", () => client.terminate());
  client.on("close", () => {
    clearInterval(timer);
    onGone();
  });
}

function urlOf(request: IncomingMessage): URL {
  const address = `http://manager${request.url ?? "/"}`;
  if (!URL.canParse(address)) throw new SandboxError("bad-request");
  return new URL(address);
}

/** `undefined` also when it was sent more than once: nobody honest does. */
function headerOf(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name] ?? [];
  return values.length === 1 ? values[0] : undefined;
}
