import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { decodeHostFrame, encodeClientFrame, type ClientFrame } from "@/sandbox/protocol/terminal-frames";
import { TERMINAL_SUBPROTOCOL } from "@/sandbox/protocol/version";
import { Guest } from "./guest";

/**
 * A learner without a browser: signs in as a guest, starts a sandbox and types into its terminal, over the same HTTP
 * and WebSocket a browser uses. Not a renderer: what the browser itself adds is not in its times.
 */
export class Learner {
  readonly #guest: Guest;
  #socket: WebSocket | undefined;
  #screen = "";
  #listener: (() => void) | undefined;
  sandboxId = "";

  constructor(origin: string) {
    this.#guest = new Guest(origin);
  }

  /** From nothing to a shell that shows its prompt; resolves with the milliseconds it took. */
  async start(lessonId: string, timeoutMs = 120_000): Promise<number> {
    const begin = performance.now();
    const started = (await this.#guest.post("/api/sandboxes", { lessonId, terminal: { columns: 100, rows: 30 } })) as {
      sandbox: { id: string };
      tickets: { terminal: { ticket: string } };
    };
    this.sandboxId = started.sandbox.id;
    let ticket = started.tickets.terminal.ticket;
    while (!(await this.#attach(ticket))) {
      if (performance.now() - begin > timeoutMs) throw new Error(`no terminal within ${timeoutMs} ms`);
      await sleep(20);
      const next = (await this.#guest.post(`/api/sandboxes/${this.sandboxId}/tickets`, { purpose: "terminal" })) as {
        ticket: string;
      };
      ticket = next.ticket;
    }
    await this.waitFor(/[$#] $/, Math.max(1_000, timeoutMs - (performance.now() - begin)));
    return performance.now() - begin;
  }

  type(text: string): void {
    this.#send({ type: "input", bytes: new TextEncoder().encode(text) });
  }

  /** Runs a command and resolves with what it printed once the next prompt is there. */
  async run(command: string, timeoutMs = 120_000): Promise<string> {
    this.#screen = "";
    this.type(`${command}; printf 'do''ne\\n'\r`);
    await this.waitFor(/done\r*\n/, timeoutMs); // each terminal on the way may add a carriage return
    return this.#screen;
  }

  async waitFor(pattern: RegExp, timeoutMs = 30_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!pattern.test(this.#screen)) {
      const left = deadline - performance.now();
      if (!this.isAttached) throw new Error("the terminal's connection is gone, or its shell");
      if (left <= 0)
        throw new Error(`no ${String(pattern)} within ${timeoutMs} ms; the screen ends: ${this.#screen.slice(-300)}`);
      await Promise.race([new Promise<void>((resolve) => (this.#listener = resolve)), sleep(Math.min(left, 250))]);
    }
  }

  /** Whether its terminal is connected and has a shell. */
  get isAttached(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Goes away. The sandbox stays until it is idle, or another lesson takes its place. */
  leave(): void {
    this.#socket?.terminate();
  }

  /** False when the terminal is not there yet. */
  #attach(ticket: string): Promise<boolean> {
    const { origin, cookies } = this.#guest;
    const url = `${origin.replace(/^http/, "ws")}/ws/terminal?ticket=${ticket}`;
    const socket = new WebSocket(url, TERMINAL_SUBPROTOCOL, {
      headers: { origin, cookie: cookies },
      perMessageDeflate: false,
    });
    socket.binaryType = "nodebuffer";
    return new Promise((resolve) => {
      let live = false;
      socket.on("message", (data: Buffer) => {
        const decoded = decodeHostFrame(data);
        if (!decoded.ok) return;
        const { frame } = decoded;
        if (frame.type === "replay") {
          live = true;
          this.#socket = socket;
          resolve(true);
        }
        if (frame.type === "exit") socket.close();
        if (frame.type !== "output") return;
        this.#screen = (this.#screen + stripEscapes(Buffer.from(frame.bytes).toString("utf8"))).slice(-200_000);
        this.#send({ type: "ack", seq: frame.seq + frame.bytes.length });
        this.#listener?.();
      });
      socket.on("error", () => undefined); // followed by close
      socket.on("close", () => {
        if (!live) resolve(false);
      });
    });
  }

  #send(frame: ClientFrame): void {
    this.#socket?.send(encodeClientFrame(frame));
  }
}

function stripEscapes(text: string): string {
  return text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>])/g, "");
}
