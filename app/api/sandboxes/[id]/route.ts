import { apiRoute } from "../../../_server/api-route";
import { ownSandbox } from "../../../_server/sandboxes";

export const GET = apiRoute<{ id: string }>(async ({ params, requireUser }) =>
  ownSandbox(await requireUser(), params.id),
);
