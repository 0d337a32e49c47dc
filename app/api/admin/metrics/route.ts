import { apiRoute } from "../../../_server/api-route";
import { manager } from "../../../_server/manager-client";
import { requireAdmin } from "../../../_server/session";

/** How the manager fares, for admins and what they watch it with. */
export const GET = apiRoute(async ({ user }) => {
  requireAdmin(await user());
  return manager.metrics();
});
