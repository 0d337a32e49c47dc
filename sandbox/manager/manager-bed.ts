import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { WebSocket } from "ws";
import { bundle } from "@/bin/build.mjs";
import type { SandboxCreateInput, TicketCreate } from "../protocol/manager-api";
import { ticketSchema } from "../protocol/manager-api";
import { JsonClient } from "../protocol/node/json-client";
import { parseSandboxEvent, type SandboxEvent } from "../protocol/sandbox-events";
import { sandboxViewSchema, type SandboxView } from "../protocol/sandbox-view";
import { decodeHostFrame, encodeClientFrame } from "../protocol/terminal-frames";
import { TERMINAL_SUBPROTOCOL, USER_HEADER } from "../protocol/version";
import { HostWorkstation } from "../workstation/host/host-workstation";
import { findTool } from "../workstation/oci/test-bed";
import { readConfig } from "./config";
import { startManager, type Manager } from "./manager";
import { PrismaStore } from "./prisma-store";
import type { TestDatabase } from "./test-database";

export const ORIGIN = "http://localhost:3000";

/** One installation for tests: a real manager, hosts, database and shells, in a folder of its own. */
export class ManagerBed {
  readonly instance: string;
  readonly folder: string;
  readonly client: JsonClient;
  readonly #database: TestDatabase;
  readonly #environment: Readonly<Record<string, string>>;
  #manager: Manager | undefined;

  constructor(
    database: TestDatabase,
    instance: string,
    environment: Readonly<Record<string, string>> = {},
    folder = mkdtempSync(join(tmpdir(), "sw-")),
  ) {
    this.folder = folder;
    this.#database = database;
    this.instance = instance;
    this.#environment = environment;
    this.client = new JsonClient({ socketPath: join(this.folder, "manager.sock") });
  }

  /** `changes` to the environment are for this manager and what it starts, and not for the next one. */
  async start(changes: Readonly<Record<string, string>> = {}): Promise<void> {
    const [clusterHost] = await Promise.all([bundle("cluster-host"), bundle("terminal-host")]);
    const kubectl = findTool("kubectl") ?? "/nowhere/kubectl";
    const config = readConfig(
      {
        SLIPWAY_INSTANCE: this.instance,
        SLIPWAY_STATE_DIR: this.folder,
        SLIPWAY_CACHE_DIR: join(this.folder, "cache"),
        DATABASE_URL: this.#database.managerUrl,
        SLIPWAY_KUBECTL: kubectl,
        SLIPWAY_HELM: findTool("helm") ?? "/nowhere/helm",
        SLIPWAY_CLUSTER_HOSTS: "1",
        SLIPWAY_WORKSTATION: "host",
        LOG_LEVEL: "silent",
        ...this.#environment,
        ...changes,
      },
      { isRoot: false, platform: "linux", scriptDir: dirname(clusterHost) },
    );
    this.#manager = await startManager(config, {
      // Told to be an ordinary user: that root is refused is tested where it is decided.
      workstation: new HostWorkstation({ ...config, uid: 1000 }),
      store: new PrismaStore(config.databaseUrl, config.instance, config.place),
      log: pino({ level: "silent" }),
      onFenced: () => undefined,
      databasePatienceMs: 0,
    });
  }

  /** A second manager of the same installation. */
  rival(): ManagerBed {
    return new ManagerBed(this.#database, this.instance, this.#environment, this.folder);
  }

  async close(sandboxes: "keep" | "end"): Promise<void> {
    await this.#manager?.close(sandboxes);
    this.#manager = undefined;
  }

  async clean(): Promise<void> {
    await this.close("end");
    rmSync(this.folder, { recursive: true, force: true });
  }

  create(userId: string, changes: Partial<SandboxCreateInput> = {}): Promise<SandboxView> {
    const body: SandboxCreateInput = {
      user: { id: userId, kind: "account" },
      address: "192.0.2.1",
      lesson: { lessonId: "pods", revision: "r1" },
      checks: {
        version: 1,
        checks: [{ id: "is-there", task: "make-it", that: "exists", object: { kind: "ConfigMap", name: "made" } }],
      },
      ...changes,
    };
    return this.client.call("POST", "/v1/sandboxes", { body, schema: sandboxViewSchema });
  }

  get(id: string): Promise<SandboxView> {
    return this.client.call("GET", `/v1/sandboxes/${id}`, { schema: sandboxViewSchema });
  }

  async phase(id: string): Promise<string> {
    return (await this.get(id)).state.phase;
  }

  async ticket(view: SandboxView, purpose: TicketCreate["purpose"]): Promise<string> {
    const body: TicketCreate = { purpose, userId: view.userId, sandboxId: view.id, origin: ORIGIN };
    return (await this.client.call("POST", "/v1/tickets", { body, schema: ticketSchema })).ticket;
  }

  /** As the web process passes it on. */
  open(path: string, headers: Readonly<Record<string, string>>): WebSocket {
    const url = `ws+unix://${join(this.folder, "manager.sock")}:${path}`;
    return new WebSocket(url, [TERMINAL_SUBPROTOCOL], { headers });
  }

  async stop(view: SandboxView, actorId: string): Promise<void> {
    await this.client.call("POST", `/v1/sandboxes/${view.id}/stop`, { body: { reason: "learner", actorId } });
  }

  async openTerminal(view: SandboxView, from?: number, terminal?: string): Promise<TerminalViewer> {
    const ticket = await this.ticket(view, "terminal");
    const query = (from === undefined ? "" : `&from=${from}`) + (terminal === undefined ? "" : `&terminal=${terminal}`);
    const headers = { origin: ORIGIN, [USER_HEADER]: view.userId };
    const viewer = new TerminalViewer(this.open(`/ws/terminal?ticket=${ticket}${query}`, headers));
    await new Promise((resolve, reject) => viewer.socket.once("open", resolve).once("error", reject));
    return viewer;
  }

  async openEvents(view: SandboxView): Promise<EventListener> {
    const ticket = await this.ticket(view, "sandbox");
    return new EventListener(this.open(`/ws/sandbox?ticket=${ticket}`, { origin: ORIGIN, [USER_HEADER]: view.userId }));
  }
}

export class TerminalViewer {
  text = "";
  seq = 0;
  exitCode: number | undefined;
  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("error", () => undefined);
    socket.on("message", (message: Buffer) => {
      const decoded = decodeHostFrame(message);
      if (decoded.ok && decoded.frame.type === "exit") this.exitCode = decoded.frame.code;
      if (!decoded.ok || decoded.frame.type !== "output") return;
      this.text += Buffer.from(decoded.frame.bytes).toString("utf8");
      this.seq = decoded.frame.seq + decoded.frame.bytes.length;
      socket.send(encodeClientFrame({ type: "ack", seq: this.seq }));
    });
  }

  type(text: string): void {
    this.socket.send(encodeClientFrame({ type: "input", bytes: new TextEncoder().encode(text) }));
  }
}

export class EventListener {
  readonly events: SandboxEvent[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (message: Buffer) => {
      const event = parseSandboxEvent(message.toString());
      if (event) this.events.push(event);
    });
    this.closed = new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  phases(): string[] {
    return this.events.flatMap((event) => (event.type === "sandbox" ? [event.sandbox.state.phase] : []));
  }

  passed(): boolean[] {
    return this.events.flatMap((event) =>
      event.type === "verdicts" ? event.verdicts.map(({ passed }) => passed) : [],
    );
  }
}
