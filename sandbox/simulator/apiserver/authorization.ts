import type { ApiRequest, UserInfo } from "../api/request";
import { forbidden } from "../api/status";

/** What someone wants to do, as authorizers see it. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** For requests outside the API's collections: `/metrics`, `/version`. */
  readonly path?: string;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/ */
export interface Authorizer {
  /** `true` allows; otherwise why nobody allowed it ("" when there is nothing to say). */
  authorize(attributes: Attributes): { allowed: boolean; reason: string };
}

export function attributesOf(request: ApiRequest): Attributes {
  const { user, verb, group, version, resource, subresource = "", namespace = "", name = "" } = request;
  return { user, verb, group, version, resource, subresource, namespace, name };
}

/** Throws the server's 403. */
export function requireAllowed(authorizer: Authorizer, attributes: Attributes): void {
  const { allowed, reason } = authorizer.authorize(attributes);
  if (allowed) return;
  const { user, verb, group, resource, subresource, namespace, name } = attributes;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const text = `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scope}`;
  throw forbidden({ group, name: resource }, name, reason === "" ? text : `${text}: ${reason}`);
}
