import { allowSchema } from "@/components/admin/clusters-view";
import { allowClusters } from "../../../../../_server/admin-clusters";
import { apiRoute } from "../../../../../_server/api-route";
import { requireAdmin } from "../../../../../_server/session";

export const POST = apiRoute<{ id: string }>(async ({ params, body, user, address }) => {
  const admin = requireAdmin(await user());
  const { drivers } = await body(allowSchema);
  return allowClusters(admin, params.id, drivers, address);
});
