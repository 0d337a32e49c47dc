import type { z } from "zod";
import { SandboxError } from "@/sandbox/protocol/codes";
import { config } from "./config";
import { GuestLimit } from "./guest-limit";
import { ADDRESS_HEADER } from "./headers";
import { log } from "./log";
import { refusalOf } from "./refusal";
import { readSession, signInGuest, type SessionUser, type Visit } from "./session";

const MOST_BODY_BYTES = 64 * 1024;

/** One request to our API: who asks, what they sent. */
export interface ApiCall<Params> {
  readonly request: Request;
  readonly params: Params;
  /** The learner's network address. */
  readonly address: string;
  /** The origin of the page that asks; one of ours. */
  readonly origin: string;
  user: () => Promise<SessionUser | undefined>;
  /** Refuses who is not signed in. */
  requireUser: () => Promise<SessionUser>;
  /** Makes a guest of who is not signed in. */
  userOrGuest: () => Promise<SessionUser>;
  /** The JSON body, checked. */
  body: <Schema extends z.ZodType>(schema: Schema) => Promise<z.infer<Schema>>;
}

type NextRoute<Params> = (request: Request, context: { params: Promise<Params> }) => Promise<Response>;

/**
 * A route handler of our API: parses, refuses by code, and keeps the visitor signed in. Requests that change something
 * must come from a page of ours.
 */
export function apiRoute<Params = unknown>(handle: (call: ApiCall<Params>) => Promise<unknown>): NextRoute<Params> {
  return async (request, context) => {
    const visitor = new Visitor(request);
    try {
      const origin = checkedOrigin(request);
      const value = await handle({
        request,
        params: await context.params,
        address: visitor.address,
        origin,
        user: () => visitor.user(),
        requireUser: () => visitor.requireUser(),
        userOrGuest: () => visitor.userOrGuest(),
        body: (schema) => readBody(request, schema),
      });
      return visitor.answer(value instanceof Response ? value : Response.json(value));
    } catch (error) {
      return refusal(error, request);
    }
  };
}

declare global {
  var slipwayGuestLimit: GuestLimit | undefined;
}

class Visitor {
  readonly address: string;
  readonly #request: Request;
  #visit: Visit | undefined;
  #asked = false;

  constructor(request: Request) {
    this.#request = request;
    this.address = request.headers.get(ADDRESS_HEADER) ?? "unknown";
  }

  async user(): Promise<SessionUser | undefined> {
    if (!this.#asked) this.#visit = await readSession(this.#request.headers);
    this.#asked = true;
    return this.#visit?.user;
  }

  async requireUser(): Promise<SessionUser> {
    const user = await this.user();
    if (!user) throw new SandboxError("ticket-missing", "not signed in");
    return user;
  }

  async userOrGuest(): Promise<SessionUser> {
    const user = await this.user();
    if (user) return user;
    globalThis.slipwayGuestLimit ??= new GuestLimit(config().guestsPerHour);
    if (!globalThis.slipwayGuestLimit.allow(this.address)) throw new SandboxError("address-limit", "guests");
    this.#visit = await signInGuest();
    return this.#visit.user;
  }

  answer(response: Response): Response {
    for (const cookie of this.#visit?.cookies ?? []) response.headers.append("set-cookie", cookie);
    response.headers.set("cache-control", "no-store");
    return response;
  }
}

/** A request that changes something must name one of our origins: a page elsewhere may not act for the visitor. */
function checkedOrigin(request: Request): string {
  const origin = request.headers.get("origin");
  if (origin !== null && config().origins.includes(origin)) return origin;
  if (origin === null && request.method === "GET") return config().origins[0] ?? "";
  throw new SandboxError("origin-refused");
}

async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BODY_BYTES) throw new SandboxError("body-too-large");
  const text = await request.text();
  if (text.length > MOST_BODY_BYTES) throw new SandboxError("body-too-large");
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw new SandboxError("bad-body", parsed.error.issues[0]?.message);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SandboxError("bad-body", "not JSON", { cause });
  }
}

function refusal(error: unknown, request: Request): Response {
  const known = error instanceof SandboxError ? error : new SandboxError("internal", undefined, { cause: error });
  const fields = { method: request.method, path: new URL(request.url).pathname, code: known.code };
  if (known.status >= 500) log.error({ ...fields, err: error }, "request failed");
  else log.debug(fields, "request refused");
  return refusalOf(known);
}
