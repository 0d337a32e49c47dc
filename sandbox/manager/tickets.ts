import { createHash, randomBytes } from "node:crypto";
import type { ErrorCode } from "../protocol/codes";
import type { Ticket, TicketCreate, TicketPurpose } from "../protocol/manager-api";

export const TICKET_MS = 30_000;
const MAX_OUTSTANDING = 10_000;
const FORM = /^[A-Za-z0-9_-]{43}$/;

type Redeemed =
  { ok: true; sandboxId: string } | { ok: false; code: Extract<ErrorCode, `ticket-${string}` | "origin-refused"> };

/** What a socket shows when it is opened. */
export interface Presented {
  readonly ticket: string | undefined;
  readonly purpose: TicketPurpose;
  readonly userId: string | undefined;
  readonly origin: string | undefined;
}

/** Single-use tickets: 32 random bytes, of which only the hash is kept, bound to everything a socket can show. */
export class Tickets {
  readonly #now: () => number;
  readonly #outstanding = new Map<string, TicketCreate & { expiresAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(binding: TicketCreate): Ticket {
    this.#forgetExpired();
    const ticket = randomBytes(32).toString("base64url");
    const expiresAt = this.#now() + TICKET_MS;
    this.#outstanding.set(hash(ticket), { ...binding, expiresAt });
    return { ticket, expiresAt: new Date(expiresAt).toISOString() };
  }

  /** A ticket that was found is spent, whatever else is wrong with the attempt. */
  redeem({ ticket, purpose, userId, origin }: Presented): Redeemed {
    if (ticket === undefined) return { ok: false, code: "ticket-missing" };
    if (!FORM.test(ticket)) return { ok: false, code: "ticket-malformed" };
    const key = hash(ticket);
    const binding = this.#outstanding.get(key);
    if (!binding) return { ok: false, code: "ticket-unknown" };
    this.#outstanding.delete(key);
    if (binding.expiresAt <= this.#now()) return { ok: false, code: "ticket-expired" };
    if (binding.origin !== origin) return { ok: false, code: "origin-refused" };
    if (binding.purpose !== purpose || binding.userId !== userId) return { ok: false, code: "ticket-mismatch" };
    return { ok: true, sandboxId: binding.sandboxId };
  }

  #forgetExpired(): void {
    for (const [key, { expiresAt }] of this.#outstanding) {
      // In order of issue, so the first that is good ends the search; the oldest give way when there are too many.
      if (expiresAt > this.#now() && this.#outstanding.size < MAX_OUTSTANDING) return;
      this.#outstanding.delete(key);
    }
  }
}

function hash(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}
