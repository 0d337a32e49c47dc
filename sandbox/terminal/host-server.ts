import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { z } from "zod";
import { SandboxError } from "../protocol/codes";
import { refuseUpgrade, serveJson, type JsonRoute, type JsonServer } from "../protocol/node/json-server";
import { MAX_CLIENT_FRAME_BYTES } from "../protocol/terminal-frames";
import {
  terminalAttachQuerySchema,
  terminalCreateSchema,
  terminalOutputQuerySchema,
  type TerminalOutput,
} from "../protocol/terminal-host-api";
import { TERMINAL_SUBPROTOCOL, type ProtocolRange } from "../protocol/version";
import type { Session } from "./session";
import type { Terminals } from "./terminals";
import { serveViewer } from "./viewer-socket";

export interface HostServerOptions {
  instance: string;
  socketPath: string;
  speaks?: ProtocolRange;
  terminals: Terminals;
  /** Something that should not happen. */
  onFault: (error: unknown) => void;
}

/** Serves the terminal-host's API (protocol/terminal-host-api.ts). */
export async function serveTerminals({
  instance,
  socketPath,
  speaks,
  terminals,
  onFault,
}: HostServerOptions): Promise<JsonServer> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(TERMINAL_SUBPROTOCOL) ? TERMINAL_SUBPROTOCOL : false),
  });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    try {
      const { session, query } = attachment(request, terminals);
      sockets.handleUpgrade(request, socket, head, (client) => serveViewer(client, session, query));
    } catch (error) {
      if (!(error instanceof SandboxError)) onFault(error);
      refuseUpgrade(socket, error instanceof SandboxError ? error : new SandboxError("internal"));
    }
  };
  const identity = { instance, process: "terminal-host" } as const;
  return serveJson({
    socketPath,
    identity,
    speaks,
    routes: routesFor(terminals),
    onUpgrade,
    onInternalError: onFault,
  });
}

function routesFor(terminals: Terminals): JsonRoute[] {
  return [
    {
      method: "GET",
      path: "/v1/terminals",
      handle: () => ({ status: 200, body: { terminals: terminals.list() } }),
    },
    {
      method: "POST",
      path: "/v1/terminals",
      handle: async ({ body }) => ({ status: 201, body: terminals.create(await body(terminalCreateSchema)) }),
    },
    {
      method: "GET",
      path: "/v1/terminals/:id",
      handle: ({ params }) => ({ status: 200, body: terminals.view(params["id"] ?? "") }),
    },
    {
      method: "GET",
      path: "/v1/terminals/:id/output",
      handle: ({ params, query }) => {
        const output: TerminalOutput = terminals
          .session(params["id"] ?? "")
          .outputSince(query(terminalOutputQuerySchema).from);
        return { status: 200, body: output };
      },
    },
    {
      method: "DELETE",
      path: "/v1/terminals/:id",
      handle: async ({ params }) => {
        await terminals.remove(params["id"] ?? "");
        return { status: 204 };
      },
    },
    {
      method: "GET",
      path: "/v1/terminals/:id/attach",
      handle: () => {
        throw new SandboxError("upgrade-required");
      },
    },
  ];
}

/** @throws SandboxError */
function attachment(
  request: IncomingMessage,
  terminals: Terminals,
): { session: Session; query: z.infer<typeof terminalAttachQuerySchema> } {
  const address = `http://terminal-host${request.url ?? "/"}`;
  if (!URL.canParse(address)) throw new SandboxError("bad-request");
  const { pathname, searchParams } = new URL(address);
  const id = /^\/v1\/terminals\/([^/]+)\/attach$/.exec(pathname)?.[1];
  if (id === undefined) throw new SandboxError("not-found");
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(TERMINAL_SUBPROTOCOL)) throw new SandboxError("protocol-mismatch", "no slipway.v1 offered");
  const query = terminalAttachQuerySchema.safeParse(Object.fromEntries(searchParams));
  if (!query.success) throw new SandboxError("bad-request", query.error.message);
  return { session: terminals.session(id), query: query.data };
}
