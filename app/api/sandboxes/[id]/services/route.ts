import { apiRoute } from "../../../../_server/api-route";
import { openableServices } from "../../../../_server/sandboxes";

export const GET = apiRoute<{ id: string }>(async ({ params, requireUser }) =>
  openableServices(await requireUser(), params.id),
);
