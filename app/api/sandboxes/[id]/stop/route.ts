import { apiRoute } from "../../../../_server/api-route";
import { manager } from "../../../../_server/manager-client";
import { ownSandbox } from "../../../../_server/sandboxes";

export const POST = apiRoute<{ id: string }>(async ({ params, requireUser }) => {
  const user = await requireUser();
  const { id } = await ownSandbox(user, params.id);
  return manager.stop(id, { reason: "learner", actorId: user.id });
});
