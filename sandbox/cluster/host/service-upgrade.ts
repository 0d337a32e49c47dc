import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { servicePortSchema, type ServicePort } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import { refuseUpgrade } from "../../protocol/node/json-server";
import { acceptTunnel } from "../../protocol/node/tunnel";
import type { ClusterHost } from "./cluster-host";
import { splice } from "./splice-connection";

/** `GET /v1/clusters/:id/dial`: the connection becomes one to the Service's port. Never throws. */
export async function upgradeToService(
  host: ClusterHost,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onInternalError: (error: unknown) => void,
): Promise<void> {
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  try {
    const { sandboxId, target } = wantedBy(request);
    const connection = await host.dial(sandboxId, target, gone.signal);
    if (socket.destroyed) {
      connection.reset();
      return;
    }
    acceptTunnel(socket);
    if (head.length > 0) socket.unshift(head);
    splice(socket, connection);
  } catch (error) {
    if (gone.signal.aborted) return;
    const known = error instanceof SandboxError;
    if (!known) onInternalError(error);
    refuseUpgrade(socket, known ? error : new SandboxError("internal"));
  }
}

function wantedBy(request: IncomingMessage): { sandboxId: string; target: ServicePort } {
  const address = `http://host${request.url ?? "/"}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const sandboxId = /^\/v1\/clusters\/([0-9a-f-]+)\/dial$/.exec(url?.pathname ?? "")?.[1];
  if (!url || sandboxId === undefined) throw new SandboxError("not-found");
  const target = servicePortSchema.safeParse(Object.fromEntries(url.searchParams));
  if (!target.success) throw new SandboxError("bad-request", target.error.issues[0]?.path.join("."));
  return { sandboxId, target: target.data };
}
