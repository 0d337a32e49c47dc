import { setTimeout as pause } from "node:timers/promises";
import { SandboxError } from "@/sandbox/protocol/codes";
import { database } from "./database";
import { manager } from "./manager-client";
import type { SessionUser } from "./session";

const STOP_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 200;

/** Everything that is kept of a learner, one JSON value a line, each with what it is as `kind`. */
export async function* exportOf({ id: userId }: SessionUser, signal: AbortSignal): AsyncGenerator<string, void> {
  const where = { userId };
  const db = database();
  const account = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { id: true, name: true, email: true, isAnonymous: true, role: true, createdAt: true },
  });
  yield lineOf("account", account);
  const tables = {
    session: () =>
      db.session.findMany({ where, select: { createdAt: true, expiresAt: true, userAgent: true, ipAddress: true } }),
    enrolment: () => db.enrolment.findMany({ where }),
    lesson: () => db.lessonProgress.findMany({ where }),
    task: () => db.taskResult.findMany({ where }),
    answer: () => db.quizAnswer.findMany({ where }),
    prediction: () => db.prediction.findMany({ where }),
    feedback: () => db.feedback.findMany({ where }),
    message: () => db.message.findMany({ where }),
    sandbox: () =>
      db.sandbox.findMany({
        where,
        select: { id: true, lessonId: true, phase: true, reason: true, createdAt: true, stoppedAt: true },
      }),
    event: () => db.auditEvent.findMany({ where: { actorId: userId } }),
  };
  for (const [kind, read] of Object.entries(tables)) for (const row of await read()) yield lineOf(kind, row);
  // What brings sandboxes back comes from the manager, already in lines.
  for await (const chunk of await manager.journal(userId, signal)) yield String(chunk);
}

/** Stops what runs, then removes everything that is kept of a learner, the account with it. */
export async function eraseAll({ id: userId }: SessionUser): Promise<void> {
  for (const { id } of await manager.list({ userId, active: "1" })) {
    await manager.stop(id, { reason: "learner", actorId: userId });
  }
  const deadline = Date.now() + STOP_WITHIN_MS;
  while ((await manager.list({ userId, active: "1" })).length > 0) {
    if (Date.now() > deadline) throw new SandboxError("sandbox-not-ready", "a sandbox does not stop");
    await pause(ASK_EVERY_MS);
  }
  await manager.eraseJournal(userId);
  await database().user.delete({ where: { id: userId }, select: { id: true } });
}

function lineOf(kind: string, row: object): string {
  return `${JSON.stringify({ kind, ...row })}\n`;
}
