import type { SandboxError } from "@/sandbox/protocol/codes";

/** When somebody who was refused for want of room had better ask again. */
const RETRY_AFTER_SECONDS = 30;

/** What a browser is told of an error: its code, and when to come back where that helps. Never why. */
export function refusalOf(error: SandboxError): Response {
  const { code, status } = error;
  const headers = new Headers({ "cache-control": "no-store" });
  if (status === 429 || status === 503) headers.set("retry-after", String(RETRY_AFTER_SECONDS));
  return Response.json({ error: { code } }, { status, headers });
}
