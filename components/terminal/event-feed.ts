import type { Ticket } from "@/sandbox/protocol/manager-api";
import { parseSandboxEvent, type SandboxEvent } from "@/sandbox/protocol/sandbox-events";
import { CLOSE } from "@/sandbox/protocol/terminal-frames";
import { BackOff } from "./back-off";
import { meansGone, type SandboxApi } from "./sandbox-api";
import type { OpenSocket, SocketLike } from "./socket";
import type { Timers } from "./timers";

export interface EventFeedOptions {
  api: Pick<SandboxApi, "ticket">;
  open: OpenSocket;
  timers: Timers;
  onEvent(event: SandboxEvent): void;
  /** The feed ended because the sandbox did, or nobody knows it any more. */
  onGone(): void;
}

/** State and verdicts of one sandbox as they change; opened again by itself when the network breaks. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #backOff = new BackOff();
  #sandboxId: string | undefined;
  #socket: SocketLike | undefined;
  /** Counts `follow` and `stop`: what was asked for before one is not acted on after it. */
  #turn = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Follows a sandbox, and no other any more. With a ticket at hand no request is needed. */
  async follow(sandboxId: string, ticket?: Ticket): Promise<void> {
    this.stop();
    this.#sandboxId = sandboxId;
    const turn = this.#turn;
    if (ticket) {
      this.#open(ticket);
      return;
    }
    const answer = await this.#options.api.ticket(sandboxId, "sandbox");
    if (turn !== this.#turn) return;
    if (answer.ok) this.#open(answer.value);
    else if (meansGone(answer.code)) this.#options.onGone();
    else this.#retry();
  }

  /** Opens it now when it is waiting to be opened again. */
  retryNow(): void {
    if (this.#sandboxId !== undefined && !this.#socket) void this.follow(this.#sandboxId);
  }

  stop(): void {
    this.#turn += 1;
    this.#cancelRetry?.();
    this.#sandboxId = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #open(ticket: Ticket): void {
    const query = new URLSearchParams({ ticket: ticket.ticket });
    const socket = this.#options.open(`/ws/sandbox?${query.toString()}`, undefined, {
      onMessage: (message) => {
        if (socket !== this.#socket || typeof message !== "string") return;
        const event = parseSandboxEvent(message);
        if (!event) return;
        this.#backOff.reset();
        this.#options.onEvent(event);
      },
      onClose: (code) => {
        if (socket !== this.#socket) return;
        this.#socket = undefined;
        if (code === CLOSE.stopped) this.#options.onGone();
        else this.#retry();
      },
    });
    this.#socket = socket;
  }

  #retry(): void {
    const sandboxId = this.#sandboxId;
    if (sandboxId === undefined) return;
    this.#cancelRetry = this.#options.timers.after(this.#backOff.nextMs(), () => void this.follow(sandboxId));
  }
}
