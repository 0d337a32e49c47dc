import type { HttpHandler } from "../api/channel";
import type { Connection, Listener, NetworkHost } from "./network";
import { TlsAlertError, TlsError } from "./tls/record-layer";
import { acceptTls, readIdentity, type TlsIdentity } from "./tls/server";
import { converse } from "./web-server";

const API_PORT = 6443;

/**
 * The API server's door for pods: TLS on a port of the machine it runs on, where the endpoints of the Service
 * `kubernetes` lead. Clients prove who they are with a token; certificates are for those outside.
 */
export function serveApi(
  host: NetworkHost,
  handler: HttpHandler,
  serving: { readonly cert: string; readonly key: string },
): Listener {
  let identity: Promise<TlsIdentity> | undefined;
  const own = (): Promise<TlsIdentity> =>
    (identity ??= readIdentity(serving.cert, serving.key).then((read) => {
      if (!read) throw new TypeError("the API server's certificate has no key of a known kind");
      return read;
    }));
  return host.listen({ port: API_PORT }, (connection) => {
    answer(connection, handler, own).catch(() => connection.reset());
  });
}

async function answer(connection: Connection, handler: HttpHandler, own: () => Promise<TlsIdentity>): Promise<void> {
  try {
    const { stream } = await acceptTls(connection, own);
    const client = { remote: connection.remote, scheme: "https" } as const;
    await converse(stream, client, (request) => handler.fetch(request, {}));
  } catch (error) {
    if (error instanceof TlsError && looksLikeHttp(error.received)) {
      await connection.writer.write(new TextEncoder().encode(PLAIN_HTTP));
      connection.writer.end();
    } else if (error instanceof TlsError || error instanceof TlsAlertError) connection.reset();
    else throw error;
  }
}

function looksLikeHttp(received: Uint8Array): boolean {
  return /^[A-Z]{3,7} \//.test(new TextDecoder().decode(received.subarray(0, 16)));
}

const PLAIN_HTTP = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
