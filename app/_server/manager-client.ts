import { request as httpRequest, type IncomingMessage } from "node:http";
import type { z } from "zod";
import { errorBodySchema, SandboxError } from "@/sandbox/protocol/codes";
import {
  sandboxListSchema,
  ticketSchema,
  type SandboxCreateInput,
  type SandboxStop,
  type Ticket,
  type TicketCreate,
} from "@/sandbox/protocol/manager-api";
import { driverListSchema } from "@/sandbox/protocol/drivers";
import { managerMetricsSchema } from "@/sandbox/protocol/metrics";
import { sandboxViewSchema, type SandboxView } from "@/sandbox/protocol/sandbox-view";
import { highestCommon, peerRange, PROTOCOL_HEADER, rangeText } from "@/sandbox/protocol/version";
import { config } from "./config";

const PATIENCE_MS = 30_000;

/** The manager, over its unix socket. Refusals come as `SandboxError` with the manager's own code. */
export const manager = {
  drivers: () => call("GET", "/v1/drivers", driverListSchema),
  metrics: () => call("GET", "/v1/metrics", managerMetricsSchema),
  create: (body: SandboxCreateInput) => call("POST", "/v1/sandboxes", sandboxViewSchema, body),
  get: (id: string) => call("GET", `/v1/sandboxes/${encodeURIComponent(id)}`, sandboxViewSchema),
  /** ServiceLists, one JSON line each, as they change, until the sandbox stops or `signal` fires. */
  services: (id: string, signal: AbortSignal) =>
    linesAt(`/v1/sandboxes/${encodeURIComponent(id)}/services/events`, signal),
  ticket: (body: TicketCreate): Promise<Ticket> => call("POST", "/v1/tickets", ticketSchema, body),
  extend: (id: string) => call("POST", `/v1/sandboxes/${encodeURIComponent(id)}/extend`, sandboxViewSchema),
  closeTerminal: (id: string, terminal: string) =>
    call(
      "POST",
      `/v1/sandboxes/${encodeURIComponent(id)}/terminals/${encodeURIComponent(terminal)}/close`,
      sandboxViewSchema,
    ),
  /** What brings the user's sandboxes back, one JSON line each. */
  journal: (userId: string, signal: AbortSignal) => linesAt(`/v1/users/${encodeURIComponent(userId)}/journal`, signal),

  async eraseJournal(userId: string): Promise<void> {
    const path = `/v1/users/${encodeURIComponent(userId)}/journal`;
    const response = await send("DELETE", path, undefined, AbortSignal.timeout(PATIENCE_MS));
    const text = await readText(response);
    if (response.statusCode !== 204) throw toError(response.statusCode, text);
  },

  async endWatching(id: string, share: string): Promise<void> {
    const response = await send(
      "POST",
      `/v1/sandboxes/${encodeURIComponent(id)}/watchers/end`,
      { share },
      AbortSignal.timeout(PATIENCE_MS),
    );
    const text = await readText(response);
    if (response.statusCode !== 204) throw toError(response.statusCode, text);
  },
  stop: (id: string, body: SandboxStop) =>
    call("POST", `/v1/sandboxes/${encodeURIComponent(id)}/stop`, sandboxViewSchema, body),

  async list(query: { userId?: string; active?: "1" }): Promise<SandboxView[]> {
    const { sandboxes } = await call("GET", `/v1/sandboxes?${new URLSearchParams(query)}`, sandboxListSchema);
    return sandboxes;
  },

  /** The stored verdicts after `after`, one JSON line each, then live ones, until the manager ends or `signal` fires. */
  verdicts: (after: number, signal: AbortSignal) => linesAt(`/v1/verdicts?after=${after}`, signal),
};

async function linesAt(path: string, signal: AbortSignal): Promise<AsyncIterable<string | Buffer>> {
  const response = await send("GET", path, undefined, signal);
  if (response.statusCode === 200) return response;
  throw toError(response.statusCode, await readText(response));
}

async function call<Schema extends z.ZodType>(
  method: "GET" | "POST",
  path: string,
  schema: Schema,
  body?: unknown,
): Promise<z.infer<Schema>> {
  const response = await send(method, path, body, AbortSignal.timeout(PATIENCE_MS));
  const text = await readText(response);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw toError(status, text);
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new SandboxError("protocol-mismatch", `${method} ${path}`, { cause: parsed.error });
  return parsed.data;
}

/** @throws SandboxError `peer-unreachable`, `protocol-mismatch` */
function send(method: string, path: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const { managerSocket, speaks } = config();
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        socketPath: managerSocket,
        method,
        path,
        signal,
        headers: {
          host: "manager",
          [PROTOCOL_HEADER]: rangeText(speaks),
          ...(payload === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
        },
      },
      (response) => {
        const theirs = peerRange(response.headers[PROTOCOL_HEADER]);
        if (highestCommon(speaks, theirs) !== undefined) {
          resolve(response);
          return;
        }
        response.destroy();
        const text = `the manager speaks protocol ${rangeText(theirs)}, the site ${rangeText(speaks)}: start both from one release`;
        reject(new SandboxError("protocol-mismatch", text));
      },
    );
    request.on("error", (cause) => reject(new SandboxError("peer-unreachable", "manager", { cause })));
    request.end(payload);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

function toError(status: number | undefined, text: string): SandboxError {
  const parsed = errorBodySchema.safeParse(parseJson(text));
  if (!parsed.success) return new SandboxError("protocol-mismatch", `the manager answered ${status ?? 0}`);
  return new SandboxError(parsed.data.error.code, parsed.data.error.detail);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}
