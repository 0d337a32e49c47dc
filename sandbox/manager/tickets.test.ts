import { beforeEach, describe, expect, it } from "vitest";
import { ticketSchema, type TicketCreate } from "../protocol/manager-api";
import { TICKET_MS, Tickets, type Presented } from "./tickets";

const BINDING: TicketCreate = {
  purpose: "terminal",
  userId: "0198a5f0-0000-7000-8000-00000000000a",
  sandboxId: "0198a5f0-0000-7000-8000-00000000000b",
  origin: "http://localhost:3000",
};
let now: number;
let tickets: Tickets;

beforeEach(() => {
  now = 1_000_000;
  tickets = new Tickets(() => now);
});

function present(changes: Partial<Presented> = {}): Presented {
  const { purpose, userId, origin } = BINDING;
  return { ticket: tickets.issue(BINDING).ticket, purpose, userId, origin, ...changes };
}

describe("tickets", () => {
  it("opens once, for what it was issued for", () => {
    const presented = present();
    expect(tickets.redeem(presented)).toEqual({ ok: true, sandboxId: BINDING.sandboxId });
    expect(tickets.redeem(presented)).toEqual({ ok: false, code: "ticket-unknown" });
  });

  it.each<[string, Partial<Presented>, string]>([
    ["none", { ticket: undefined }, "ticket-missing"],
    ["a malformed one", { ticket: "x" }, "ticket-malformed"],
    ["a long one", { ticket: "a".repeat(10_000) }, "ticket-malformed"],
    ["an invented one", { ticket: "a".repeat(43) }, "ticket-unknown"],
    ["one for another socket", { purpose: "sandbox" }, "ticket-mismatch"],
    ["another user's", { userId: "0198a5f0-0000-7000-8000-00000000000c" }, "ticket-mismatch"],
    ["one without a user", { userId: undefined }, "ticket-mismatch"],
    ["one from another port", { origin: "http://localhost:3001" }, "origin-refused"],
    ["one from a page of no origin", { origin: "null" }, "origin-refused"],
    ["one without an origin", { origin: undefined }, "origin-refused"],
  ])("refuses %s", (_what, changes, code) => {
    expect(tickets.redeem(present(changes))).toEqual({ ok: false, code });
  });

  it("is spent by a failed attempt", () => {
    const presented = present();
    tickets.redeem({ ...presented, origin: "http://evil.example" });
    expect(tickets.redeem(presented)).toEqual({ ok: false, code: "ticket-unknown" });
  });

  it("expires", () => {
    const presented = present();
    now += TICKET_MS;
    expect(tickets.redeem(presented)).toEqual({ ok: false, code: "ticket-expired" });
  });

  it("has the form the protocol promises, and no two are alike", () => {
    const issued = Array.from({ length: 100 }, () => tickets.issue(BINDING));
    for (const ticket of issued) ticketSchema.parse(ticket);
    expect(new Set(issued.map(({ ticket }) => ticket)).size).toBe(100);
  });
});
