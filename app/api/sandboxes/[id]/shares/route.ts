import { shareCreateSchema } from "@/components/terminal/share-api";
import { apiRoute } from "../../../../_server/api-route";
import { makeShare, sharesOf } from "../../../../_server/shares";

export const GET = apiRoute<{ id: string }>(async ({ params, requireUser }) => ({
  shares: await sharesOf(await requireUser(), params.id),
}));

export const POST = apiRoute<{ id: string }>(async ({ params, body, requireUser }) => {
  const { terminal } = await body(shareCreateSchema);
  return makeShare(await requireUser(), params.id, terminal);
});
