import { inviteSchema } from "@/components/admin/clusters-view";
import { apiRoute } from "../../../_server/api-route";
import { invitePerson } from "../../../_server/invite";
import { requireAdmin } from "../../../_server/session";

/** A link that makes whoever opens it a learner with an account of that name, once. */
export const POST = apiRoute(async ({ body, user, address }) => {
  const admin = requireAdmin(await user());
  const { name } = await body(inviteSchema);
  return { path: `/enter?token=${await invitePerson(admin, name, address)}` };
});
