import { z } from "zod";
import { SandboxError } from "@/sandbox/protocol/codes";
import { apiRoute } from "../../../../../../_server/api-route";
import { endShare, sharesOf } from "../../../../../../_server/shares";

export const POST = apiRoute<{ id: string; share: string }>(async ({ params, requireUser }) => {
  const user = await requireUser();
  if (!z.uuid().safeParse(params.share).success) throw new SandboxError("not-found");
  await endShare(user, params.id, params.share);
  return { shares: await sharesOf(user, params.id) };
});
