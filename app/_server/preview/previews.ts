import type { IncomingMessage } from "node:http";
import { SandboxError } from "@/sandbox/protocol/codes";
import { openTunnel } from "@/sandbox/protocol/node/tunnel";
import { PROTOCOL_HEADER, rangeText, USER_HEADER } from "@/sandbox/protocol/version";
import type { Config } from "../config";
import { database } from "../database";
import { log } from "../log";
import { manager } from "../manager-client";
import type { OpenSockets } from "../open-sockets";
import { readSession, sessionLives } from "../session";
import { PreviewGate } from "./preview-gate";
import { PreviewHosts, type PreviewTarget } from "./preview-hosts";
import { PreviewPasses } from "./preview-pass";
import { PreviewTickets } from "./preview-tickets";

/** The previews of this installation; `undefined` where no domain is set for them. */
export function previewGate(
  { previewOrigin, secret, managerSocket, speaks }: Config,
  sockets: OpenSockets,
): PreviewGate | undefined {
  if (previewOrigin === undefined) return undefined;
  const now = Date.now;
  return new PreviewGate({
    hosts: new PreviewHosts(previewOrigin, secret),
    passes: new PreviewPasses(secret, now),
    tickets: new PreviewTickets(now),
    now,
    visitor: visitorOf,
    sessionLives,
    owns,
    dial: ({ sandboxId, namespace, service, port }, userId) => {
      const query = new URLSearchParams({ namespace, service, port: String(port) }).toString();
      const path = `/v1/sandboxes/${sandboxId}/dial?${query}`;
      return openTunnel({ socketPath: managerSocket }, path, {
        [USER_HEADER]: userId,
        [PROTOCOL_HEADER]: rangeText(speaks),
      });
    },
    onOpen: noteOpened,
    onUpgrade: (socket, sessionId) => sockets.add(socket, sessionId),
  });
}

async function visitorOf({ headers }: IncomingMessage): Promise<{ userId: string; sessionId: string } | undefined> {
  const visit = await readSession(new Headers({ cookie: headers.cookie ?? "" }));
  return visit && { userId: visit.user.id, sessionId: visit.sessionId };
}

async function owns(userId: string, sandboxId: string): Promise<boolean> {
  try {
    return (await manager.get(sandboxId)).userId === userId;
  } catch (error) {
    if (error instanceof SandboxError && error.code === "sandbox-not-found") return false;
    throw error;
  }
}

function noteOpened(userId: string, { sandboxId, namespace, service, port }: PreviewTarget): void {
  const detail = { namespace, service, port };
  database()
    .auditEvent.create({
      data: { actorId: userId, action: "preview.open", subject: "sandbox", subjectId: sandboxId, detail },
    })
    .catch((error: unknown) => log.error({ err: error }, "preview not noted"));
}
