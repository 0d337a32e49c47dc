import type { UserInfo } from "../../api/request";
import { methodNotSupported, unknownResource } from "../../api/status";
import type { ResourceInfo } from "../../schema/resources";
import { requireAllowed } from "../authorization";
import type { RequestInfo } from "../request-info";
import type { ServerContext } from "../server-context";
import { kubeletResponse } from "./kubelet-response";
import { nodeLocation, podLocation, serviceLocation, type Location } from "./location";
import { proxyRequest, type Dialer } from "./proxy";

const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What leads to the proxy, and what is asked of the other side. */
const PATH = /^(\/api\/v1\/(?:namespaces\/[^/]+\/)?[a-z]+\/[^/]+\/proxy)(\/.*)?$/;

/**
 * `…/pods/x/proxy/…`, `…/services/x/proxy/…` and `/nodes/x/proxy/…`: HTTP to what runs in the cluster.
 * https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/
 */
export async function proxyResponse(
  server: ServerContext,
  dial: Dialer,
  request: Request,
  user: UserInfo,
  info: RequestInfo,
  resource: ResourceInfo,
): Promise<Response> {
  const verb = VERBS[request.method];
  if (!verb) throw methodNotSupported(resource, request.method);
  const { group, version, namespace = "", name = "" } = info;
  requireAllowed(server.authorizer, {
    user,
    verb,
    group,
    version,
    resource: resource.name,
    subresource: "proxy",
    namespace,
    name,
  });
  const [, prefix = "", path = ""] = PATH.exec(new URL(request.url).pathname) ?? [];
  const location = locationOf(server, resource.name, namespace, name);
  if (path === "") {
    const to = `${prefix}/${new URL(request.url).search}`;
    return new Response(null, { status: 301, headers: { location: to } });
  }
  if ("kubeletOf" in location) return kubeletResponse(server, location.kubeletOf, path);
  return await proxyRequest(dial, location, request, { prefix, path });
}

function locationOf(
  server: ServerContext,
  resource: string,
  namespace: string,
  name: string,
): Location | { readonly kubeletOf: string } {
  switch (resource) {
    case "pods":
      return podLocation(server, namespace, name);
    case "services":
      return serviceLocation(server, namespace, name);
    case "nodes":
      return nodeLocation(server, name);
    default:
      throw unknownResource();
  }
}
