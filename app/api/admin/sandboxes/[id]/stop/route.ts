import { adminStopSchema } from "@/components/admin/admin-view";
import { apiRoute } from "../../../../../_server/api-route";
import { stopAsAdmin } from "../../../../../_server/admin-sandboxes";
import { requireAdmin } from "../../../../../_server/session";

export const POST = apiRoute<{ id: string }>(async ({ params, body, user, address }) => {
  const admin = requireAdmin(await user());
  const { reason } = await body(adminStopSchema);
  return stopAsAdmin(admin, params.id, reason, address);
});
