import { badRequest, failure } from "../api/status";

/** Whether the client asks for SPDY itself, as client-go did before WebSockets. */
export function wantsSpdy(headers: Headers): boolean {
  return headers.get("upgrade")?.toLowerCase() === "spdy/3.1";
}

/** The first protocol that the client offers and we know. Throws the refusal of an upgrade when there is none. */
export function chooseOffered(headers: Headers, known: readonly string[]): string {
  const isSpdy = wantsSpdy(headers);
  const header = isSpdy ? "x-stream-protocol-version" : "sec-websocket-protocol";
  const offered = (headers.get(header) ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const found = offered.find((protocol) => known.includes(protocol));
  if (found !== undefined) return found;
  if (headers.get("upgrade")?.toLowerCase() !== "websocket" && !isSpdy)
    throw badRequest("unable to upgrade: only WebSockets and SPDY/3.1 are supported");
  const why = `client supports [${offered.join(" ")}], server accepts [${known.join(" ")}]`;
  const message = `unable to upgrade: unable to negotiate protocol: ${why}`;
  throw isSpdy ? failure(403, "Forbidden", message) : badRequest(message);
}
