import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "ws";
import { decodeHostFrame, encodeClientFrame } from "../protocol/terminal-frames";
import type { SandboxView } from "../protocol/sandbox-view";
import { ORIGIN, type ManagerBed } from "./manager-bed";
import { USER_HEADER } from "../protocol/version";

const TRY_EVERY_MS = 20;

/** A page that stays open while managers come and go: it connects again, from the byte it has, until it is told to leave. */
export class StayingLearner {
  /** Every byte of output from the first one it saw on, each once. */
  output = Buffer.alloc(0);
  /** From the loss of a socket until it had caught up on the next one. */
  readonly gapsMs: number[] = [];
  /** What it was told to be gone for good when it connected again. */
  lost = 0;
  readonly #bed: ManagerBed;
  readonly #view: SandboxView;
  readonly #name: string;
  #seq: number | undefined;
  #socket: WebSocket | undefined;
  #live = false;
  #left = false;
  #brokenAt: number | undefined;

  constructor(bed: ManagerBed, view: SandboxView, name: string) {
    this.#bed = bed;
    this.#view = view;
    this.#name = name;
    void this.#stay();
  }

  get text(): string {
    return this.output.toString("utf8");
  }

  /** Connected, and with all there is. */
  get live(): boolean {
    return this.#live;
  }

  /** Only while it is live: what a page types into a dead socket is not sent again, and not echoed. */
  type(text: string): void {
    this.#socket?.send(encodeClientFrame({ type: "input", bytes: new TextEncoder().encode(text) }));
  }

  leave(): void {
    this.#left = true;
    this.#socket?.terminate();
  }

  async #stay(): Promise<void> {
    do {
      await this.#connect().catch(() => undefined); // nobody is there: once more
      await sleep(TRY_EVERY_MS);
    } while (!this.#left);
  }

  /** Resolves when the socket is lost. */
  async #connect(): Promise<void> {
    const ticket = await this.#bed.ticket(this.#view, "terminal");
    const from = this.#seq === undefined ? "" : `&from=${this.#seq}`;
    const path = `/ws/terminal?ticket=${ticket}&terminal=${this.#name}${from}`;
    const socket = this.#bed.open(path, { origin: ORIGIN, [USER_HEADER]: this.#view.userId });
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("error", () => undefined);
    socket.on("message", (message: Buffer) => this.#receive(message));
    await new Promise((resolve) => socket.once("close", resolve));
    if (this.#live) this.#brokenAt = performance.now();
    this.#live = false;
  }

  #receive(message: Buffer): void {
    const decoded = decodeHostFrame(message);
    if (!decoded.ok) throw new Error(decoded.code);
    const { frame } = decoded;
    if (frame.type === "replay") {
      this.lost += frame.lost;
      this.#seq = frame.from;
    } else if (frame.type === "output") {
      if (frame.seq !== this.#seq) throw new Error(`a gap: ${frame.seq} after ${this.#seq}`);
      this.output = Buffer.concat([this.output, frame.bytes]);
      this.#seq = frame.seq + frame.bytes.length;
      this.#socket?.send(encodeClientFrame({ type: "ack", seq: this.#seq }));
    } else if (frame.type === "replayed") {
      this.#live = true;
      if (this.#brokenAt !== undefined) this.gapsMs.push(performance.now() - this.#brokenAt);
      this.#brokenAt = undefined;
    }
  }
}
