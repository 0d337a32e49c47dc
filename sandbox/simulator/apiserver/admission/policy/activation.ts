import type { Namespace } from "../../../api/generated/kubernetes";
import type { KubeObject } from "../../../api/object";
import { AuthorizerValue } from "../../../cel/authorizer";
import { celValue } from "../../../cel/values";
import { NAMESPACES } from "../../../registry/references";
import type { Authorizer } from "../../authorization";
import type { AdmissionAttributes } from "../admission";
import { nameOf, type Form } from "./matching";

/** What expressions see of a request in one form: all variables but `params` and `variables`. */
export function activationOf(attributes: AdmissionAttributes, form: Form, authorizer: Authorizer): object {
  const { object, old, resource, subresource, namespace, user, operation, context, options } = attributes;
  const { info } = form;
  const seen = (each: KubeObject | undefined): unknown => (each ? celValue(form.convert(each)) : null);
  const name = nameOf(attributes);
  const request = {
    kind: kindIn(info, subresource),
    resource: { group: info.group, version: info.version, resource: info.name },
    subResource: subresource,
    requestKind: kindIn(resource, subresource),
    requestResource: { group: resource.group, version: resource.version, resource: resource.name },
    requestSubResource: subresource,
    name,
    namespace: resource.group === "" && resource.name === "namespaces" ? name : namespace,
    operation: operation.toUpperCase(),
    userInfo: { username: user.username, uid: user.uid ?? "", groups: [...user.groups], extra: { ...user.extra } },
    dryRun: context.dryRun,
    options: celValue(options ?? {}),
  };
  const about = { group: resource.group, resource: resource.name, subresource, namespace, name };
  return {
    object: seen(object),
    oldObject: seen(old),
    request,
    namespaceObject: namespaceOf(attributes),
    authorizer: new AuthorizerValue(
      ({ username, ...question }) =>
        authorizer.authorize({
          ...question,
          version: "*",
          user: username === undefined ? user : accountNamed(username),
        }),
      about,
    ),
  };
}

export function kindIn({ group, version, kind, subresources }: Form["info"], subresource: string): object {
  const found = subresources.find((each) => each.name === subresource);
  if (!found) return { group, version, kind };
  return { group: found.group || group, version: found.version || version, kind: found.kind };
}

/** A service account as it would ask itself. */
function accountNamed(username: string): { username: string; groups: string[] } {
  const namespace = username.split(":")[2] ?? "";
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { username, groups };
}

function namespaceOf({ resource, namespace, context }: AdmissionAttributes): unknown {
  if (namespace === "" || (resource.group === "" && resource.name === "namespaces")) return null;
  const found: Namespace | undefined = context.lookup(NAMESPACES, "", namespace);
  if (!found) return null;
  const { managedFields: _managedFields, ownerReferences: _ownerReferences, ...metadata } = found.metadata ?? {};
  return celValue({ metadata, spec: found.spec, status: found.status });
}
