import { apiRoute } from "../../../../../../_server/api-route";
import { manager } from "../../../../../../_server/manager-client";
import { ownSandbox } from "../../../../../../_server/sandboxes";

export const POST = apiRoute<{ id: string; name: string }>(async ({ params, requireUser }) => {
  const { id } = await ownSandbox(await requireUser(), params.id);
  return manager.closeTerminal(id, params.name);
});
