import { sandboxStartedSchema } from "@/components/terminal/sandbox-api";
import { ticketSchema, type TicketPurpose } from "@/sandbox/protocol/manager-api";
import { parseSandboxEvent } from "@/sandbox/protocol/sandbox-events";
import { encodeClientFrame } from "@/sandbox/protocol/terminal-frames";
import { TERMINAL_SUBPROTOCOL } from "@/sandbox/protocol/version";
import { Guest } from "./guest";
import { FrameSocket, frameOf } from "./sandboxes-socket";

const OUTPUT = 0x81;
const REPLAY = 0x82;
const REPLAYED = 0x83;
const EXIT = 0x85;

/** As the page does: it acknowledges what it has drawn, in pieces of this size. */
const ACK_EVERY_BYTES = 16 * 1024;

const PROMPT = /[$#] $/;
const SCREEN_CHARACTERS = 16_384;

/** What of a terminal's output is looked at. */
export interface OutputListener {
  /** `bytes` from `start` to `end`, only good until the call returns. */
  onOutput(bytes: Buffer, start: number, end: number): void;
}

/**
 * A learner with a page open: signed in as a guest, a sandbox, both of its sockets. Only reads what somebody listens to,
 * so that hundreds fit into one process.
 */
export class LoadLearner {
  readonly #guest: Guest;
  #events: FrameSocket | undefined;
  #terminal: FrameSocket | undefined;
  #listener: OutputListener | undefined;
  #screen: Screen | undefined;
  #seq = 0;
  #acknowledged = 0;
  readonly #ack = frameOf(encodeClientFrame({ type: "ack", seq: 0 }));
  #onGone: () => void = () => undefined;
  /** The sandbox's events have ended: it has stopped. */
  readonly #gone = new Promise<void>((resolve) => (this.#onGone = resolve));
  /** Does it acknowledge what comes? */
  acknowledges = true;
  sandboxId = "";
  /** Why a socket closed that should not have. */
  fault: string | undefined;

  constructor(origin: string) {
    this.#guest = new Guest(origin);
  }

  /** From nothing to a prompt, as a page does it: told when the sandbox is ready, then attached. In milliseconds. */
  async start(lessonId: string, timeoutMs = 120_000): Promise<number> {
    const begin = performance.now();
    const answer = await this.#guest.post("/api/sandboxes", { lessonId, terminal: { columns: 100, rows: 30 } });
    const { sandbox, tickets } = sandboxStartedSchema.parse(answer);
    this.sandboxId = sandbox.id;
    await within(timeoutMs, "the sandbox is not ready", this.#follow(tickets.sandbox.ticket));
    const left = timeoutMs - (performance.now() - begin);
    // As a page does: one that has become too old is not tried.
    const { ticket, expiresAt } = tickets.terminal;
    await this.attach(Math.max(1_000, left), Date.parse(expiresAt) - Date.now() > 1_000 ? ticket : undefined);
    return performance.now() - begin;
  }

  /** Opens the terminal's socket as a page that has nothing yet. Resolves when the prompt is on its screen again. */
  async attach(timeoutMs = 30_000, given?: string): Promise<void> {
    const ticket = given ?? (await this.#ticket("terminal"));
    const screen = new Screen();
    this.#screen = screen;
    const socket = await FrameSocket.open(
      this.#guest.origin,
      `/ws/terminal?ticket=${ticket}`,
      { cookies: this.#guest.cookies, subprotocol: TERMINAL_SUBPROTOCOL },
      {
        onFrame: (bytes, start, end) => this.#receive(bytes, start, end),
        onClose: () => {
          if (this.#terminal === socket) this.#lose("the terminal's socket closed");
        },
      },
    );
    this.#terminal = socket;
    await within(timeoutMs, "no prompt", screen.until(PROMPT));
    this.#screen = undefined;
  }

  get isAttached(): boolean {
    return this.#terminal?.isOpen ?? false;
  }

  listen(listener: OutputListener | undefined): void {
    this.#listener = listener;
  }

  /** A frame that was made by `keysFrame`. */
  send(frame: Uint8Array): void {
    this.#terminal?.send(frame);
  }

  /** Runs a command line and resolves with its exit status and how long it took, from Enter to its end. */
  async run(command: string, timeoutMs = 60_000): Promise<{ status: number; ms: number }> {
    const screen = new Screen();
    this.#screen = screen;
    const begin = performance.now();
    this.send(keysFrame(`${command}; printf '\\036%d\\036' $?\r`));
    try {
      const [, status] = await within(timeoutMs, `no end of "${command}"`, screen.until(/\x1e(\d+)\x1e/));
      return { status: Number(status), ms: performance.now() - begin };
    } finally {
      this.#screen = undefined;
    }
  }

  /** Types something; `prompt` then resolves once a prompt ends what is printed. */
  whilePrinting(keys: Uint8Array): { prompt: () => Promise<unknown> } {
    const screen = new Screen();
    this.#screen = screen;
    this.send(keys);
    return { prompt: () => within(30_000, "no prompt", screen.until(PROMPT)) };
  }

  /** The network goes away under the terminal. */
  cut(): void {
    const socket = this.#terminal;
    this.#terminal = undefined;
    socket?.cut();
  }

  /** The page is closed. The sandbox stays until it is stopped, or idle. */
  leave(): void {
    this.cut();
    const events = this.#events;
    this.#events = undefined;
    events?.cut();
  }

  /** Has the sandbox stopped, and waits until it is. */
  async stop(timeoutMs = 60_000): Promise<void> {
    this.cut();
    await this.#guest.post(`/api/sandboxes/${this.sandboxId}/stop`, {});
    await within(timeoutMs, "the sandbox does not stop", this.#gone);
    this.leave();
  }

  async #ticket(purpose: TicketPurpose): Promise<string> {
    const answer = await this.#guest.post(`/api/sandboxes/${this.sandboxId}/tickets`, { purpose });
    return ticketSchema.parse(answer).ticket;
  }

  /** Resolves when the sandbox is ready, then goes on reading. */
  async #follow(ticket: string): Promise<void> {
    let told: { ready: () => void; ended: (error: Error) => void } | undefined;
    const ready = new Promise<void>((resolve, reject) => (told = { ready: resolve, ended: reject }));
    ready.catch(() => undefined); // also when opening fails first
    const socket = await FrameSocket.open(
      this.#guest.origin,
      `/ws/sandbox?ticket=${ticket}`,
      { cookies: this.#guest.cookies },
      {
        onFrame: (bytes, start, end) => {
          const event = parseSandboxEvent(bytes.toString("utf8", start, end));
          if (event?.type !== "sandbox") return;
          const { state } = event.sandbox;
          if (state.phase === "ready") told?.ready();
          if (state.phase === "stopping" || state.phase === "stopped") {
            const cause = "cause" in state ? state.cause : undefined;
            told?.ended(new Error(`the sandbox stopped: ${state.reason} ${cause ?? ""}`));
            this.#lose(`the sandbox stopped: ${state.reason}`);
          }
        },
        onClose: () => {
          this.#onGone();
          if (this.#events === socket) this.#lose("the events' socket closed");
          told?.ended(new Error("the events' socket closed"));
        },
      },
    );
    this.#events = socket;
    await ready;
  }

  #lose(why: string): void {
    this.fault ??= why;
  }

  #receive(bytes: Buffer, start: number, end: number): void {
    const type = bytes[start] ?? 0;
    switch (type) {
      case OUTPUT: {
        this.#seq = offsetAt(bytes, start + 1) + end - start - 9;
        this.#listener?.onOutput(bytes, start + 9, end);
        this.#screen?.write(bytes, start + 9, end);
        if (this.acknowledges && this.#seq - this.#acknowledged >= ACK_EVERY_BYTES) this.#acknowledge();
        return;
      }
      case REPLAY:
        this.#seq = this.#acknowledged = offsetAt(bytes, start + 1);
        return;
      case REPLAYED:
        this.#acknowledge();
        return;
      case EXIT:
        this.#lose("the shell ended");
    }
  }

  #acknowledge(): void {
    this.#acknowledged = this.#seq;
    // Behind six bytes of the frame's head and one of its type.
    this.#ack.writeUInt32BE(Math.floor(this.#seq / 2 ** 32), 7);
    this.#ack.writeUInt32BE(this.#seq >>> 0, 11);
    this.send(this.#ack);
  }
}

/** What is typed, as a frame that can be sent again and again. */
export function keysFrame(text: string): Buffer {
  return frameOf(encodeClientFrame({ type: "input", bytes: new TextEncoder().encode(text) }));
}

/** The end of what was printed. */
class Screen {
  #text = "";
  #waiting: { pattern: RegExp; found: (match: RegExpExecArray) => void } | undefined;

  write(bytes: Buffer, start: number, end: number): void {
    this.#text = (this.#text + bytes.toString("latin1", start, end)).slice(-SCREEN_CHARACTERS);
    this.#look();
  }

  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      this.#waiting = { pattern, found: resolve };
      this.#look();
    });
  }

  #look(): void {
    const match = this.#waiting?.pattern.exec(stripEscapes(this.#text));
    if (match) this.#waiting?.found(match);
  }
}

function stripEscapes(text: string): string {
  return text.replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>])/g, "");
}

function offsetAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${Math.round(ms)} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
