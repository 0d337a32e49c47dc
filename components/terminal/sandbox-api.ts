import { z } from "zod";
import { serviceListSchema } from "@/sandbox/protocol/cluster-host-api";
import { errorBodySchema, type ErrorCode } from "@/sandbox/protocol/codes";
import { ticketSchema, type Ticket, type TicketPurpose } from "@/sandbox/protocol/manager-api";
import {
  driverSchema,
  sandboxViewSchema,
  type Driver,
  type SandboxView,
  type TerminalName,
} from "@/sandbox/protocol/sandbox-view";
import { terminalSizeSchema, type TerminalSize } from "@/sandbox/protocol/terminal-host-api";

export const sandboxStartSchema = z.strictObject({
  lessonId: z.string().min(1).max(100),
  terminal: terminalSizeSchema,
  /** Goes back to the start of this task instead of going on. */
  backTo: z.string().min(1).max(100).optional(),
  /** What kind of cluster was chosen. */
  driver: driverSchema.optional(),
});
export type SandboxStart = z.infer<typeof sandboxStartSchema>;

/** Answer of `POST /api/sandboxes`: the sandbox, and tickets so that both sockets open without another round trip. */
export const sandboxStartedSchema = z.object({
  sandbox: sandboxViewSchema,
  tickets: z.object({ sandbox: ticketSchema, terminal: ticketSchema }),
});
export type SandboxStarted = z.infer<typeof sandboxStartedSchema>;

/** An event of `GET /api/sandboxes/:id/services`: a Service's port may be opened at its `href`, where there is one. */
export const openableServicesSchema = z.object({
  services: z.array(serviceListSchema.shape.services.element.extend({ href: z.string().nullable() })),
});
export type OpenableServices = z.infer<typeof openableServicesSchema>;

export type Refusal = ErrorCode | "offline" | "unknown";

/** Refusals that mean the sandbox itself is no more. */
export function meansGone(code: Refusal): boolean {
  return code === "sandbox-not-found" || code === "sandbox-stopped" || code === "not-found";
}

export type Answer<T> = { ok: true; value: T } | { ok: false; code: Refusal };

/** The server as a terminal sees it. Refusals are values; nothing rejects. */
export interface SandboxApi {
  /** With `backTo` a new sandbox, as it was when that task began. */
  start(
    lessonId: string,
    size: TerminalSize,
    how: { backTo?: string; driver?: Driver },
  ): Promise<Answer<SandboxStarted>>;
  /** The learner is still there: it stops later. */
  extend(sandboxId: string): Promise<Answer<SandboxView>>;
  /** Ends it, with everything saved. */
  stop(sandboxId: string): Promise<Answer<SandboxView>>;
  closeTerminal(sandboxId: string, terminal: TerminalName): Promise<Answer<SandboxView>>;
  get(sandboxId: string): Promise<Answer<SandboxView>>;
  ticket(sandboxId: string, purpose: TicketPurpose): Promise<Answer<Ticket>>;
}

export const httpSandboxApi: SandboxApi = {
  start: (lessonId, terminal, how) =>
    callApi(sandboxStartedSchema, "/api/sandboxes", { lessonId, terminal, ...how } satisfies SandboxStart),
  extend: (sandboxId) => callApi(sandboxViewSchema, `/api/sandboxes/${sandboxId}/extend`, {}),
  stop: (sandboxId) => callApi(sandboxViewSchema, `/api/sandboxes/${sandboxId}/stop`, {}),
  closeTerminal: (sandboxId, terminal) =>
    callApi(sandboxViewSchema, `/api/sandboxes/${sandboxId}/terminals/${terminal}/close`, {}),
  get: (sandboxId) => callApi(sandboxViewSchema, `/api/sandboxes/${sandboxId}`),
  ticket: (sandboxId, purpose) => callApi(ticketSchema, `/api/sandboxes/${sandboxId}/tickets`, { purpose }),
};

/**
 * The TCP ports of the Services in the learner's cluster as they are, and whenever they are others; undefined when they
 * cannot be asked for. What breaks on the way is taken up again.
 */
export function followServices(
  sandboxId: string,
  listener: (services: OpenableServices["services"] | undefined) => void,
): () => void {
  const source = new EventSource(`/api/sandboxes/${sandboxId}/services`);
  source.onmessage = ({ data }: MessageEvent<string>) => listener(parseServices(data));
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) listener(undefined);
  };
  return () => source.close();
}

function parseServices(data: string): OpenableServices["services"] | undefined {
  return openableServicesSchema.safeParse(JSON.parse(data)).data?.services;
}

/** Asks our API; refusals are values, nothing rejects. */
export async function callApi<T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(
      path,
      body === undefined
        ? {}
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
    );
    const json: unknown = await response.json();
    if (response.ok) return { ok: true, value: schema.parse(json) };
    return { ok: false, code: errorBodySchema.safeParse(json).data?.error.code ?? "unknown" };
  } catch (error) {
    // fetch rejects with a TypeError when nothing answers; anything else is an answer we do not understand.
    return { ok: false, code: error instanceof TypeError ? "offline" : "unknown" };
  }
}
