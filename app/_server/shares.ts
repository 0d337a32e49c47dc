import { createHash, randomBytes } from "node:crypto";
import type { TerminalShare } from "@/components/terminal/share-api";
import { SandboxError } from "@/sandbox/protocol/codes";
import { terminalNameSchema, type TerminalName } from "@/sandbox/protocol/sandbox-view";
import { database } from "./database";
import { manager } from "./manager-client";
import { ownSandbox } from "./sandboxes";
import type { SessionUser } from "./session";

const SHARE_MS = 2 * 60 * 60 * 1000;
const MOST_PER_SANDBOX = 5;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A link that is good, and what it shows. */
export interface GoodShare {
  readonly id: string;
  readonly sandboxId: string;
  readonly terminal: TerminalName;
  readonly expiresAt: Date;
}

/** A link by which whoever has it watches one of the learner's terminals. The token is told once; its hash is kept. */
export async function makeShare(
  user: SessionUser,
  sandboxId: string,
  terminal: TerminalName,
): Promise<TerminalShare & { token: string }> {
  const sandbox = await ownSandbox(user, sandboxId);
  if (sandbox.state.phase !== "ready") throw new SandboxError("sandbox-not-ready", sandbox.state.phase);
  if (!sandbox.terminals.includes(terminal)) throw new SandboxError("terminal-not-found", terminal);
  if ((await sharesOf(user, sandboxId)).length >= MOST_PER_SANDBOX) throw new SandboxError("too-many-connections");
  const token = randomBytes(32).toString("base64url");
  const expiresAt = new Date(Date.now() + SHARE_MS);
  const { id } = await database().terminalShare.create({
    data: { tokenHash: hash(token), sandboxId, terminal, expiresAt },
    select: { id: true },
  });
  await note(user, "terminal.share", sandboxId, { share: id, terminal });
  return { id, terminal, expiresAt: expiresAt.toISOString(), token };
}

/** Those that are good, the oldest first. */
export async function sharesOf(user: SessionUser, sandboxId: string): Promise<TerminalShare[]> {
  await ownSandbox(user, sandboxId);
  const shares = await database().terminalShare.findMany({
    where: { sandboxId, endedAt: null, expiresAt: { gt: new Date() } },
    orderBy: { createdAt: "asc" },
    select: { id: true, terminal: true, expiresAt: true },
  });
  return shares.map(({ id, terminal, expiresAt }) => ({
    id,
    terminal: terminalNameSchema.parse(terminal),
    expiresAt: expiresAt.toISOString(),
  }));
}

/** Ends a link and lets go whoever watches by it. Twice is harmless. */
export async function endShare(user: SessionUser, sandboxId: string, id: string): Promise<void> {
  await ownSandbox(user, sandboxId);
  const where = { id, sandboxId, endedAt: null };
  const { count } = await database().terminalShare.updateMany({ where, data: { endedAt: new Date() } });
  if (count > 0) await note(user, "terminal.unshare", sandboxId, { share: id });
  await manager.endWatching(sandboxId, id);
}

/** The link of a token, as long as it is good. */
export async function findShare(token: string): Promise<GoodShare | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const share = await database().terminalShare.findUnique({
    where: { tokenHash: hash(token) },
    select: {
      id: true,
      sandboxId: true,
      terminal: true,
      expiresAt: true,
      endedAt: true,
      sandbox: { select: { phase: true } },
    },
  });
  if (share?.sandbox.phase !== "ready" || share.endedAt !== null || share.expiresAt.getTime() <= Date.now())
    return undefined;
  const { id, sandboxId, expiresAt } = share;
  return { id, sandboxId, terminal: terminalNameSchema.parse(share.terminal), expiresAt };
}

async function note(user: SessionUser, action: string, sandboxId: string, detail: Record<string, string>) {
  const data = { actorId: user.id, action, subject: "sandbox", subjectId: sandboxId, detail };
  await database().auditEvent.create({ data });
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
