import { connect } from "node:net";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ERROR_STATUS, type ErrorCode } from "@/sandbox/protocol/codes";
import { PROTOCOL_HEADER, rangeText, USER_HEADER } from "@/sandbox/protocol/version";
import type { Config } from "./config";
import { PRIVATE_HEADER_PREFIX } from "./headers";
import { log } from "./log";
import type { OpenSockets } from "./open-sockets";
import { readSession } from "./session";
import { findShare } from "./shares";

const PATHS = new Set(["/ws/terminal", "/ws/sandbox", "/ws/watch"]);

/** Headers of the browser that are no business of the manager's. */
const KEPT_BACK = new Set(["cookie", "authorization"]);

/**
 * Lets WebSockets through to the manager: the page must be one of ours and the visitor signed in. From there on bytes
 * pass both ways untouched; the ticket is the manager's to check.
 */
export class SocketGate {
  readonly #settings: Pick<Config, "origins" | "managerSocket" | "speaks">;
  readonly #open: OpenSockets;

  constructor(settings: Pick<Config, "origins" | "managerSocket" | "speaks">, open: OpenSockets) {
    this.#settings = settings;
    this.#open = open;
  }

  takes(request: IncomingMessage): boolean {
    return PATHS.has(pathOf(request));
  }

  async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const { origin, host, cookie } = request.headers;
    if (!origin || !this.#settings.origins.includes(origin) || new URL(origin).host !== host) {
      refuse(socket, "origin-refused");
      return;
    }
    try {
      if (pathOf(request) === "/ws/watch") {
        await this.#watch(request, socket, head);
        return;
      }
      const visit = await readSession(new Headers({ cookie: cookie ?? "" }));
      if (visit) {
        this.#open.add(socket, visit.sessionId);
        this.#splice(socket, head, this.#requestHead(request, request.url ?? "/", visit.user.id));
      } else refuse(socket, "ticket-missing");
    } catch (error) {
      log.error({ err: error }, "session not read for a socket");
      refuse(socket, "internal");
    }
  }

  /** Whoever has a good link needs no account: what it shows is written into the request by us. */
  async #watch(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const query = new URLSearchParams(request.url?.split("?", 2)[1] ?? "");
    const share = await findShare(query.get("token") ?? "");
    if (!share) {
      refuse(socket, "not-found");
      return;
    }
    const { id, sandboxId, terminal, expiresAt } = share;
    const shown = new URLSearchParams({ sandbox: sandboxId, terminal, share: id, until: expiresAt.toISOString() });
    this.#open.add(socket);
    this.#splice(socket, head, this.#requestHead(request, `/ws/watch?${shown.toString()}`));
  }

  #splice(socket: Duplex, head: Buffer, opening: string): void {
    if (socket.destroyed) return;
    const manager = connect({ path: this.#settings.managerSocket });
    let connected = false;
    const end = () => {
      socket.destroy();
      manager.destroy();
    };
    socket.on("close", end);
    manager.on("close", end);
    manager.on("error", (error) => {
      log.warn({ err: error }, "manager not reached for a socket");
      if (!connected) refuse(socket, "peer-unreachable");
    });
    manager.on("connect", () => {
      connected = true;
      manager.write(opening);
      manager.write(head);
      socket.pipe(manager);
      manager.pipe(socket);
    });
  }

  /** The upgrade request as it came, for that address, without what is private, with the name of the user. */
  #requestHead(request: IncomingMessage, url: string, userId?: string): string {
    const lines = [`GET ${url} HTTP/1.1`, `${PROTOCOL_HEADER}: ${rangeText(this.#settings.speaks)}`];
    if (userId !== undefined) lines.push(`${USER_HEADER}: ${userId}`);
    for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
      const name = request.rawHeaders[at] ?? "";
      const lower = name.toLowerCase();
      if (KEPT_BACK.has(lower) || lower.startsWith(PRIVATE_HEADER_PREFIX)) continue;
      lines.push(`${name}: ${request.rawHeaders[at + 1] ?? ""}`);
    }
    return `${lines.join("\r\n")}\r\n\r\n`;
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?", 1)[0] ?? "";
}

function refuse(socket: Duplex, code: ErrorCode): void {
  const body = JSON.stringify({ error: { code } });
  socket.end(
    `HTTP/1.1 ${ERROR_STATUS[code]} Refused\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
