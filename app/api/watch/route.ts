import { watchSchema, type Watched } from "@/components/terminal/share-api";
import { SandboxError } from "@/sandbox/protocol/codes";
import { apiRoute } from "../../_server/api-route";
import { findShare } from "../../_server/shares";

/** Whether a link to watch a terminal is good: for whoever has it, without an account. */
export const POST = apiRoute(async ({ body }): Promise<Watched> => {
  const share = await findShare((await body(watchSchema)).token);
  if (!share) throw new SandboxError("not-found");
  return { terminal: share.terminal, expiresAt: share.expiresAt.toISOString() };
});
