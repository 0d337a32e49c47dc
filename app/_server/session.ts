import { SandboxError } from "@/sandbox/protocol/codes";
import type { Viewer } from "@/components/lesson/personal";
import { auth } from "./auth";
import { database } from "./database";

export interface SessionUser {
  id: string;
  name: string;
  guest: boolean;
  role: Viewer["role"];
}

/** Who is asking, and cookies that the answer must carry to keep them signed in. */
export interface Visit {
  user: SessionUser;
  cookies: string[];
}

/** Whoever has a session already. */
export interface Returning extends Visit {
  sessionId: string;
}

/** The signed-in user of a request; nothing when there is none. */
export async function readSession(headers: Headers): Promise<Returning | undefined> {
  const cookie = headers.get("cookie");
  if (!cookie) return undefined;
  const answer = await auth().api.getSession({ headers: new Headers({ cookie }), returnHeaders: true });
  if (!answer.response) return undefined;
  return {
    user: toSessionUser(answer.response.user),
    sessionId: answer.response.session.id,
    cookies: answer.headers.getSetCookie(),
  };
}

/** Whether that session of that user has neither ended nor run out. */
export async function sessionLives(id: string, userId: string): Promise<boolean> {
  const where = { id, userId, expiresAt: { gt: new Date() } };
  return (await database().session.findFirst({ where, select: { id: true } })) !== null;
}

/** Those of these sessions that have neither ended nor run out. */
export async function livingSessions(ids: readonly string[]): Promise<ReadonlySet<string>> {
  const where = { id: { in: [...ids] }, expiresAt: { gt: new Date() } };
  return new Set((await database().session.findMany({ where, select: { id: true } })).map(({ id }) => id));
}

/** Makes a guest. The caller has asked the limiter. */
export async function signInGuest(): Promise<Visit> {
  const answer = await auth().api.signInAnonymous({ headers: new Headers(), returnHeaders: true });
  return {
    user: toSessionUser({ ...answer.response.user, isAnonymous: true }),
    cookies: answer.headers.getSetCookie(),
  };
}

/** Signs in a new account for a one-time token; nothing when the token is no good. */
export async function signInInvited(token: string): Promise<{ cookies: string[]; role: Viewer["role"] } | undefined> {
  try {
    const answer = await auth().api.enterByInvite({ body: { token }, headers: new Headers(), returnHeaders: true });
    return { cookies: answer.headers.getSetCookie(), role: toRole(answer.response.role) };
  } catch (error) {
    if (isUnauthorized(error)) return undefined;
    throw error;
  }
}

export function toViewer(user: SessionUser): Viewer {
  return { kind: user.guest ? "guest" : "account", role: user.role, name: user.name };
}

export function requireAdmin(user: SessionUser | undefined): SessionUser {
  if (user?.role !== "admin") throw new SandboxError("not-found");
  return user;
}

function toSessionUser(user: {
  id: string;
  name: string;
  isAnonymous?: boolean | null;
  role?: string | null;
}): SessionUser {
  return { id: user.id, name: user.name, guest: user.isAnonymous ?? false, role: toRole(user.role) };
}

function toRole(role: string | null | undefined): Viewer["role"] {
  return role === "admin" || role === "author" ? role : "learner";
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === "UNAUTHORIZED";
}
