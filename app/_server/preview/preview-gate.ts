import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { SandboxError } from "@/sandbox/protocol/codes";
import { log } from "../log";
import { cookieIn, passCookie } from "./preview-headers";
import type { PreviewHosts, PreviewTarget } from "./preview-hosts";
import { answerWithPage, type PreviewRefusal } from "./preview-page";
import type { PreviewPass, PreviewPasses } from "./preview-pass";
import { passRequest, passUpgrade, type Passage } from "./preview-proxy";
import type { PreviewTickets } from "./preview-tickets";

/** Where on the site's own origin a learner asks for a preview, and where on the preview's the ticket is handed in. */
const ASK = /^\/previews\/([0-9a-f-]{36})\/([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})\/(\d{1,5})$/;
const ENTER = "/.slipway/enter";

/** As long as a sandbox may live, where nothing else is set. */
const PASS_MS = 8 * 60 * 60 * 1000;
const SESSION_KNOWN_MS = 5_000;
const MOST_KNOWN = 10_000;

export interface PreviewParts {
  readonly hosts: PreviewHosts;
  readonly passes: PreviewPasses;
  readonly tickets: PreviewTickets;
  readonly now: () => number;
  /** Who asks for a preview on the site. */
  readonly visitor: (request: IncomingMessage) => Promise<{ userId: string; sessionId: string } | undefined>;
  readonly sessionLives: (sessionId: string, userId: string) => Promise<boolean>;
  /** Whether the sandbox is this user's. @throws SandboxError where it cannot be said */
  readonly owns: (userId: string, sandboxId: string) => Promise<boolean>;
  /** @throws SandboxError as the manager refuses */
  readonly dial: (target: PreviewTarget, userId: string) => Promise<Socket>;
  readonly onOpen: (userId: string, target: PreviewTarget) => void;
  /** A connection that stays, let in for that session. */
  readonly onUpgrade: (socket: Duplex, sessionId: string) => void;
}

/** Lets a learner's browser, and no other, into the Services of their cluster; every request is asked anew. */
export class PreviewGate {
  readonly #parts: PreviewParts;
  readonly #cookie: string;
  readonly #knownUntil = new Map<string, number>();

  constructor(parts: PreviewParts) {
    this.#parts = parts;
    this.#cookie = passCookie(parts.hosts.isSecure);
  }

  /** Whether the request is for a preview's own origin. */
  takes(request: IncomingMessage): boolean {
    return this.#parts.hosts.labelIn(request.headers.host) !== undefined;
  }

  /** Whether a request to the site's origin asks for a preview. */
  isAsked(pathname: string): boolean {
    return ASK.test(pathname);
  }

  /** On the site's origin: sends the learner to the preview's, with a ticket for it. */
  async open(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
    const [, sandboxId = "", namespace = "", service = "", port = ""] = ASK.exec(pathname) ?? [];
    const target = { sandboxId, namespace, service, port: Number(port) };
    await this.#orPage(response, undefined, async () => {
      if (request.method !== "GET") throw new SandboxError("method-not-allowed");
      // The learner's own click, or an address they opened: not what another page, a preview too, makes them load.
      const site = request.headers["sec-fetch-site"];
      if (site !== undefined && site !== "same-origin" && site !== "none") throw new SandboxError("origin-refused");
      const { tickets, hosts, visitor, owns, onOpen, now } = this.#parts;
      const visiting = await visitor(request);
      if (!visiting) throw new SandboxError("ticket-missing");
      if (!(await owns(visiting.userId, sandboxId))) throw new SandboxError("sandbox-not-found");
      onOpen(visiting.userId, target);
      const ticket = tickets.issue({ ...visiting, target, expiresAt: now() + PASS_MS });
      redirect(response, `${hosts.originOf(target)}${ENTER}?ticket=${ticket}`);
    });
  }

  /** On a preview's origin. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    if (url.pathname === ENTER) {
      this.#enter(request, response, url.searchParams.get("ticket") ?? "");
      return;
    }
    await this.#orPage(response, undefined, async () => {
      const pass = await this.#admit(request);
      if (!pass) {
        answerWithPage(response, "preview-refused");
        return;
      }
      await this.#orPage(response, pass.target, async () => {
        const tunnel = await this.#parts.dial(pass.target, pass.userId);
        if (response.destroyed) tunnel.destroy();
        else passRequest(request, response, this.#passage(request, pass, tunnel));
      });
    });
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    try {
      const pass = await this.#admit(request);
      if (!pass) return void socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      const tunnel = await this.#parts.dial(pass.target, pass.userId);
      if (socket.destroyed) return void tunnel.destroy();
      this.#parts.onUpgrade(socket, pass.sessionId);
      passUpgrade(request, socket, head, this.#passage(request, pass, tunnel));
    } catch (error) {
      if (!(error instanceof SandboxError)) log.error({ err: error }, "preview not upgraded");
      socket.end("HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
  }

  /** The ticket for the pass: once, and only where it belongs. */
  #enter(request: IncomingMessage, response: ServerResponse, ticket: string): void {
    const { hosts, passes, tickets, now } = this.#parts;
    const pass = tickets.redeem(ticket);
    if (!pass || hosts.labelOf(pass.target) !== hosts.labelIn(request.headers.host)) {
      answerWithPage(response, "preview-refused");
      return;
    }
    const seconds = Math.floor((pass.expiresAt - now()) / 1000);
    const secure = hosts.isSecure ? "; Secure" : "";
    response.setHeader(
      "set-cookie",
      `${this.#cookie}=${passes.seal(pass)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`,
    );
    redirect(response, "/");
  }

  /** The pass of a request that may go on. */
  async #admit(request: IncomingMessage): Promise<PreviewPass | undefined> {
    const { hosts, passes } = this.#parts;
    const pass = passes.open(cookieIn(request.headers, this.#cookie) ?? "");
    if (!pass || hosts.labelOf(pass.target) !== hosts.labelIn(request.headers.host)) return undefined;
    const { origin } = request.headers;
    if (origin !== undefined && origin !== hosts.originOf(pass.target)) return undefined;
    return (await this.#sessionLives(pass)) ? pass : undefined;
  }

  /** Asked anew every few seconds: a page asks for many things at once. */
  async #sessionLives({ sessionId, userId }: PreviewPass): Promise<boolean> {
    const now = this.#parts.now();
    if ((this.#knownUntil.get(sessionId) ?? 0) > now) return true;
    this.#knownUntil.delete(sessionId);
    if (!(await this.#parts.sessionLives(sessionId, userId))) return false;
    if (this.#knownUntil.size >= MOST_KNOWN) this.#knownUntil.clear();
    this.#knownUntil.set(sessionId, now + SESSION_KNOWN_MS);
    return true;
  }

  #passage(request: IncomingMessage, { target }: PreviewPass, tunnel: Socket): Passage {
    const scheme = this.#parts.hosts.isSecure ? "https" : "http";
    return { target, host: request.headers.host ?? "", scheme, cookie: this.#cookie, tunnel };
  }

  async #orPage(response: ServerResponse, target: PreviewTarget | undefined, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code: PreviewRefusal = error instanceof SandboxError ? error.code : "internal";
      if (code === "internal") log.error({ err: error }, "preview failed");
      answerWithPage(response, code, target);
    }
  }
}

/** The address that led here names a ticket: it goes to nobody else. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  response.end();
}

function urlOf(request: IncomingMessage): URL {
  const address = `http://preview${request.url ?? "/"}`;
  return new URL(URL.canParse(address) ? address : "http://preview/");
}
