import type { ParamKind, ParamRef } from "../../../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../../../api/labels";
import type { KubeObject } from "../../../api/object";
import type { ResourceInfo } from "../../../schema/resources";
import { resourceForKind } from "../../../schema/resources";
import type { ServedResources } from "../../served-resources";
import type { AdmissionAttributes } from "../admission";

/** What is wrong with a policy or a binding, not with the request. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The collection of a policy's parameters. Throws when no such kind is served. */
export function paramResource(kind: ParamKind | undefined, resources: ServedResources): ResourceInfo | undefined {
  if (!kind) return undefined;
  const [first = "", second] = (kind.apiVersion ?? "").split("/");
  const [group, version] = second === undefined ? ["", first] : [first, second];
  const name = kind.kind ?? "";
  const found =
    resourceForKind(group, version, name) ??
    resources
      .customResources()
      .find(({ info }) => info.group === group && info.version === version && info.kind === name)?.info;
  if (found) return found;
  throw new ConfigurationError(`failed to find resource referenced by paramKind: '${group}/${version}, Kind=${name}'`);
}

/** The parameters that a binding runs its policy with, one after the other; `undefined` stands for none at all. */
export function paramsOf(
  kind: ResourceInfo | undefined,
  reference: ParamRef | undefined,
  { namespace, context }: AdmissionAttributes,
): readonly (KubeObject | undefined)[] {
  if (!kind || !reference) return [undefined];
  if (!kind.namespaced && reference.namespace) {
    throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  const within = kind.namespaced ? reference.namespace || namespace : "";
  if (kind.namespaced && within === "") {
    throw new ConfigurationError(
      "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
    );
  }
  const found: readonly KubeObject[] = reference.name
    ? [context.lookup(kind, within, reference.name)].filter((each) => each !== undefined)
    : context
        .list(kind, within)
        .filter(({ metadata }) => matchesLabels(selectorFrom(reference.selector) ?? [], metadata.labels));
  if (found.length === 0 && reference.parameterNotFoundAction === "Deny") {
    throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return found;
}
