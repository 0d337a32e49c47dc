import { createHash, randomUUID } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";
import { database } from "./database";

/** Signs in a new admin for a one-time token, of which the database holds only the hash (see `slipway admin`). */
export function adminInvite() {
  return {
    id: "admin-invite",
    endpoints: {
      enterAsAdmin: createAuthEndpoint(
        "/admin-invite/enter",
        { method: "POST", body: z.object({ token: z.string().min(1).max(200) }) },
        async (context) => {
          const inviteId = await useInvite(context.body.token);
          if (!inviteId) throw new APIError("UNAUTHORIZED", { code: "INVITE_NOT_VALID" });
          const user = await context.context.internalAdapter.createUser(
            {
              name: "Admin",
              email: `admin-${randomUUID()}@slipway.invalid`,
              emailVerified: false,
              role: "admin",
            },
            { method: "admin-invite" },
          );
          const session = await context.context.internalAdapter.createSession(user.id);
          await setSessionCookie(context, { session, user });
          await noteUse(inviteId, user.id);
          return context.json({ userId: user.id });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}

/** Takes an invitation that is neither used nor too old, once: of two that try at the same time one gets it. */
async function useInvite(token: string): Promise<string | undefined> {
  const now = new Date();
  const tokenHash = createHash("sha256").update(token).digest("hex");
  const { count } = await database().adminInvite.updateMany({
    where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (count !== 1) return undefined;
  const invite = await database().adminInvite.findUnique({ where: { tokenHash }, select: { id: true } });
  return invite?.id;
}

async function noteUse(inviteId: string, userId: string): Promise<void> {
  await database().adminInvite.update({ where: { id: inviteId }, data: { usedById: userId } });
  await database().auditEvent.create({
    data: { actorId: userId, action: "admin.enter", subject: "user", subjectId: userId },
  });
}
