import type { UserInfo } from "../api/request";
import { requireAllowed, type Attributes, type Authorizer } from "./authorization";

/**
 * `kubectl --as`: acts as someone else for one request, when the caller may.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonate(user: UserInfo, headers: Headers, authorizer: Authorizer): UserInfo {
  const username = headers.get("impersonate-user");
  if (!username) return user;
  const groups = (headers.get("impersonate-group") ?? "")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
  const check = (part: Partial<Attributes>): void => {
    const base = {
      user,
      verb: "impersonate",
      group: "",
      version: "v1",
      subresource: "",
      namespace: "",
      name: "",
      resource: "users",
    };
    requireAllowed(authorizer, { ...base, ...part });
  };
  if (namespace && name) check({ resource: "serviceaccounts", namespace, name });
  else check({ name: username });
  for (const group of groups) check({ resource: "groups", name: group });

  if (namespace) groups.push("system:serviceaccounts", `system:serviceaccounts:${namespace}`);
  const last = username === "system:anonymous" ? "system:unauthenticated" : "system:authenticated";
  return { username, groups: groups.includes(last) ? groups : [...groups, last] };
}
