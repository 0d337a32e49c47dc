import { createHash, randomBytes } from "node:crypto";
import type { PreviewPass } from "./preview-pass";

const TICKET_MS = 30_000;
const MOST = 10_000;

/** Carries a pass over from the site's origin to a preview's: 32 random bytes, good once, of which only the hash is kept. */
export class PreviewTickets {
  readonly #now: () => number;
  readonly #outstanding = new Map<string, { pass: PreviewPass; expiresAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(pass: PreviewPass): string {
    for (const [key, { expiresAt }] of this.#outstanding) {
      // In order of issue; the oldest give way when there are too many.
      if (expiresAt > this.#now() && this.#outstanding.size < MOST) break;
      this.#outstanding.delete(key);
    }
    const ticket = randomBytes(32).toString("base64url");
    this.#outstanding.set(hash(ticket), { pass, expiresAt: this.#now() + TICKET_MS });
    return ticket;
  }

  redeem(ticket: string): PreviewPass | undefined {
    const key = hash(ticket);
    const found = this.#outstanding.get(key);
    this.#outstanding.delete(key);
    return found && found.expiresAt > this.#now() ? found.pass : undefined;
  }
}

function hash(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}
