import type { KubeObject, Stored } from "../../api/object";
import type { ApiRequest } from "../../api/request";
import { strategyContext, type ServerContext } from "../server-context";
import type { Target } from "../target";
import type { AdmissionAttributes } from "./admission";

/** Runs every plugin in order; the first refusal wins. */
export function admit(
  server: ServerContext,
  operation: AdmissionAttributes["operation"],
  target: Target,
  request: ApiRequest,
  object?: KubeObject,
  old?: Stored,
): void {
  const attributes: AdmissionAttributes = {
    operation,
    resource: target.info,
    subresource: request.subresource ?? "",
    namespace: target.namespace,
    name: target.name,
    user: request.user,
    object,
    old,
    context: strategyContext(server, request.options.dryRun),
  };
  for (const plugin of server.admission) plugin.admit(attributes);
}
