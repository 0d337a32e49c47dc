import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { database } from "./database";
import type { SessionUser } from "./session";

const PERSON_VALID_MS = 7 * 24 * 60 * 60 * 1000;

/** Signs in a new account for a one-time token, of which the database holds only the hash (see `slipway admin`). */
export function invite() {
  return {
    id: "invite",
    endpoints: {
      enterByInvite: createAuthEndpoint(
        "/invite/enter",
        { method: "POST", body: z.object({ token: z.string().min(1).max(200) }) },
        async (context) => {
          const used = await useInvite(context.body.token);
          if (!used) throw new APIError("UNAUTHORIZED", { code: "INVITE_NOT_VALID" });
          const { id, role, name } = used;
          const email = `${role}-${randomUUID()}@slipway.invalid`;
          const user = await context.context.internalAdapter.createUser(
            { name, email, emailVerified: false, role },
            { method: "invite" },
          );
          const session = await context.context.internalAdapter.createSession(user.id);
          await setSessionCookie(context, { session, user });
          await noteUse(id, role, user.id);
          return context.json({ role });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}

/** A token, good once and for a week, that makes a learner's account of this name. */
export async function invitePerson(admin: SessionUser, name: string, address: string): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  const { id } = await database().invite.create({
    data: { tokenHash: hash(token), role: "learner", name, expiresAt: new Date(Date.now() + PERSON_VALID_MS) },
    select: { id: true },
  });
  await database().auditEvent.create({
    data: { actorId: admin.id, action: "user.invite", subject: "invite", subjectId: id, address },
  });
  return token;
}

/** Takes an invitation that is neither used nor too old, once: of two that try at the same time one gets it. */
async function useInvite(token: string): Promise<{ id: string; role: string; name: string } | undefined> {
  const now = new Date();
  const tokenHash = hash(token);
  const { count } = await database().invite.updateMany({
    where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (count !== 1) return undefined;
  const select = { id: true, role: true, name: true };
  return (await database().invite.findUnique({ where: { tokenHash }, select })) ?? undefined;
}

async function noteUse(inviteId: string, role: string, userId: string): Promise<void> {
  await database().invite.update({ where: { id: inviteId }, data: { usedById: userId } });
  await database().auditEvent.create({
    data: { actorId: userId, action: `${role}.enter`, subject: "user", subjectId: userId },
  });
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
