import type { AdminSandboxRow } from "@/components/admin/admin-view";
import type { AdminStopReason } from "@/sandbox/protocol/codes";
import type { SandboxView } from "@/sandbox/protocol/sandbox-view";
import { findLesson } from "./courses";
import { database } from "./database";
import { manager } from "./manager-client";
import type { SessionUser } from "./session";

/** The sandboxes for the admin's table, newest first. Rejects when the manager does not answer. */
export async function adminSandboxes(show: "active" | "all"): Promise<AdminSandboxRow[]> {
  const sandboxes = await manager.list(show === "active" ? { active: "1" } : {});
  const people = await database().user.findMany({
    where: { id: { in: [...new Set(sandboxes.map((sandbox) => sandbox.userId))] } },
    select: { id: true, name: true, isAnonymous: true },
  });
  const byId = new Map(people.map((person) => [person.id, person]));
  return sandboxes.map((sandbox) => toRow(sandbox, byId.get(sandbox.userId)));
}

/** Stops a sandbox for a reason that its learner is shown. */
export async function stopAsAdmin(
  admin: SessionUser,
  sandboxId: string,
  reason: AdminStopReason,
  address: string,
): Promise<SandboxView> {
  const sandbox = await manager.stop(sandboxId, { reason, actorId: admin.id });
  await database().auditEvent.create({
    data: {
      actorId: admin.id,
      action: "sandbox.stop",
      subject: "sandbox",
      subjectId: sandboxId,
      address,
      detail: { reason },
    },
  });
  return sandbox;
}

function toRow(sandbox: SandboxView, person: { name: string; isAnonymous: boolean } | undefined): AdminSandboxRow {
  return {
    id: sandbox.id,
    who: {
      guest: person?.isAnonymous ?? true,
      name: person?.name ?? "",
      // The end of a UUIDv7 is its random part: the part that tells people apart.
      shortId: sandbox.userId.slice(-6),
    },
    lesson: findLesson(sandbox.lesson.lessonId)?.lesson.title ?? sandbox.lesson.lessonId,
    state: sandbox.state,
    driver: sandbox.driver,
    createdAt: sandbox.createdAt,
    lastActiveAt: sandbox.lastActiveAt,
  };
}
