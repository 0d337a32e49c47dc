import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { serviceListSchema } from "../protocol/cluster-host-api";
import { openTunnel } from "../protocol/node/tunnel";
import { CLOSE } from "../protocol/terminal-frames";
import { USER_HEADER } from "../protocol/version";
import { ORIGIN } from "./manager-bed";
import { PATIENCE, openManager } from "./manager-suite";

const suite = openManager("sock");

describe("a tunnel", () => {
  it("leads the sandbox's own user to a Service, as long as the sandbox lives", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const path = `/v1/sandboxes/${view.id}`;
    const { services } = await suite.bed.client.call("GET", `${path}/services`, { schema: serviceListSchema });
    expect(services).toContainEqual(expect.objectContaining({ namespace: "default", service: "kubernetes", ready: 1 }));
    const open = (user: string, query = "namespace=default&service=kubernetes&port=443") =>
      openTunnel({ socketPath: join(suite.bed.folder, "manager.sock") }, `${path}/dial?${query}`, {
        [USER_HEADER]: user,
      });
    const socket = connectTls({ socket: await open(suite.userId), rejectUnauthorized: false });
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    await expect(open(await suite.database.addUser())).rejects.toMatchObject({ code: "sandbox-not-found" });
    await expect(open(suite.userId, "namespace=default&service=none&port=1")).rejects.toMatchObject({
      code: "service-not-found",
    });
    await expect(open(suite.userId, "namespace=default&service=none&port=x")).rejects.toMatchObject({
      code: "bad-request",
    });
    await suite.bed.stop(view, suite.userId);
    await ended;
    await expect(open(suite.userId)).rejects.toMatchObject({
      code: expect.stringMatching(/^sandbox-(stopped|not-found)$/) as string,
    });
  });
});

describe("a socket", () => {
  it("opens once for each ticket", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const ticket = await suite.bed.ticket(view, "sandbox");
    const headers = { origin: ORIGIN, [USER_HEADER]: suite.userId };
    const path = `/ws/sandbox?ticket=${ticket}`;
    const first = suite.bed.open(path, headers);
    await new Promise((resolve) => first.once("open", resolve));
    expect(await refusal(path, headers)).toEqual({ status: 401, code: "ticket-unknown" });
    first.close();
  });

  it("is refused by code, and the manager goes on", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const other = await suite.database.addUser();
    const good = { origin: ORIGIN, [USER_HEADER]: suite.userId };
    const table: [
      path: string,
      headers: Record<string, string>,
      purpose: "terminal" | "sandbox" | undefined,
      refusal: object,
    ][] = [
      ["/ws/nothing", good, "terminal", { status: 404, code: "not-found" }],
      ["/ws/terminal", good, undefined, { status: 401, code: "ticket-missing" }],
      ["/ws/terminal?ticket=x", good, undefined, { status: 401, code: "ticket-malformed" }],
      ["/ws/terminal", good, "sandbox", { status: 403, code: "ticket-mismatch" }],
      ["/ws/sandbox", good, "terminal", { status: 403, code: "ticket-mismatch" }],
      [
        "/ws/terminal",
        { ...good, origin: "http://localhost:3001" },
        "terminal",
        { status: 403, code: "origin-refused" },
      ],
      ["/ws/terminal", { [USER_HEADER]: suite.userId }, "terminal", { status: 403, code: "origin-refused" }],
      ["/ws/terminal", { ...good, [USER_HEADER]: other }, "terminal", { status: 403, code: "ticket-mismatch" }],
      ["/ws/terminal", { origin: ORIGIN }, "terminal", { status: 403, code: "ticket-mismatch" }],
      ["/ws/terminal?terminal=9", good, "terminal", { status: 400, code: "bad-request" }],
      ["/ws/terminal?from=-1", good, "terminal", { status: 400, code: "bad-request" }],
    ];
    for (const [path, headers, purpose, expected] of table) {
      const ticket = purpose && `${path.includes("?") ? "&" : "?"}ticket=${await suite.bed.ticket(view, purpose)}`;
      expect([path, await refusal(`${path}${ticket ?? ""}`, headers)]).toEqual([path, expected]);
    }
    expect(await suite.bed.phase(view.id)).toBe("ready");
  });

  it("gives no ticket for another learner's sandbox", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const stranger = { ...view, userId: await suite.database.addUser() };
    await expect(suite.bed.ticket(stranger, "terminal")).rejects.toMatchObject({ code: "sandbox-not-found" });
  });

  it("is closed with a code when a frame is malformed", async () => {
    const view = await suite.ready(await suite.bed.create(suite.userId));
    const terminal = await suite.bed.openTerminal(view);
    const closed = new Promise((resolve) => terminal.socket.once("close", resolve));
    terminal.socket.send(Uint8Array.of(0x7f, 1, 2));
    expect(await closed).toBe(CLOSE.malformed);
    const events = await suite.bed.openEvents(view);
    await expect.poll(() => events.events.length, PATIENCE).toBeGreaterThan(0);
    events.socket.send("hello");
    expect(await events.closed).toMatchObject({ code: CLOSE.malformed });
    expect(await suite.bed.phase(view.id)).toBe("ready");
  });
});

function refusal(
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; code: unknown }> {
  return new Promise((resolve, reject) => {
    const socket = suite.bed.open(path, headers);
    socket.once("open", () => reject(new Error(`${path} was opened`)));
    socket.once("error", () => undefined);
    socket.once("unexpected-response", (_request, response: IncomingMessage) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode, code: (JSON.parse(text) as { error: { code: string } }).error.code }),
      );
    });
  });
}
