import type {
  ConfigMap,
  Container,
  EnvVarSource,
  EphemeralContainer,
  Pod,
  Secret,
  Service,
} from "../api/generated/kubernetes";
import type { Lister } from "../client/informer";
import { fieldValue, resourceValue, type DownwardFacts } from "./downward";
import { serviceEnvironment } from "./service-environment";

export interface EnvironmentSources {
  readonly configMaps: Lister<ConfigMap>;
  readonly secrets: Lister<Secret>;
  readonly services: Lister<Service>;
}

/** The container cannot be made as its spec stands; `message` is the waiting message of CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = "ContainerConfigError";
}

type Container_ = Container | EphemeralContainer;

/** All variables of a container, in the order of their first definition. Throws `ContainerConfigError`. */
export function containerEnvironment(
  container: Container_,
  facts: DownwardFacts,
  sources: EnvironmentSources,
): { name: string; value: string }[] {
  const links = new Map(
    serviceEnvironment(visibleServices(facts.pod, sources.services)).map(({ name, value }) => [name, value]),
  );
  const result = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    const data = from.configMapRef
      ? configMapData(sources, facts.pod, from.configMapRef.name ?? "", from.configMapRef.optional)
      : secretData(sources, facts.pod, from.secretRef?.name ?? "", from.secretRef?.optional);
    for (const [key, value] of Object.entries(data ?? {})) result.set(`${from.prefix ?? ""}${key}`, value);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom) {
      const found = sourceValue(valueFrom, container, facts, sources);
      if (found !== undefined) result.set(name, found);
    } else {
      // Own variables come first; a Service's are there to be referred to as well.
      result.set(
        name,
        expand(value ?? "", (wanted) => result.get(wanted) ?? links.get(wanted)),
      );
    }
  }
  for (const [name, value] of links) if (!result.has(name)) result.set(name, value);
  return [...result].map(([name, value]) => ({ name, value }));
}

/** Replaces `$(NAME)`; `$$` is one `$`, and a name nobody knows stays as it is. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (lookup(name) ?? whole),
  );
}

// Services of the pod's namespace; from `default` the API's own Service, whatever enableServiceLinks says.
function visibleServices(pod: Pod, services: Lister<Service>): Service[] {
  const namespace = pod.metadata?.namespace ?? "";
  const master = services.get("default", "kubernetes");
  const own = pod.spec?.enableServiceLinks === false ? [] : services.list(namespace);
  return [...(master ? [master] : []), ...own.filter((service) => service !== master)];
}

function sourceValue(
  source: EnvVarSource,
  container: Container_,
  facts: DownwardFacts,
  sources: EnvironmentSources,
): string | undefined {
  if (source.fieldRef) return fieldValue(facts, source.fieldRef);
  if (source.resourceFieldRef) return resourceValue(facts, source.resourceFieldRef, container);
  const namespace = facts.pod.metadata?.namespace ?? "";
  if (source.configMapKeyRef) {
    const { name = "", key, optional } = source.configMapKeyRef;
    const data = configMapData(sources, facts.pod, name, optional);
    return pick(data, key, optional, `ConfigMap ${namespace}/${name}`);
  }
  if (source.secretKeyRef) {
    const { name = "", key, optional } = source.secretKeyRef;
    const data = secretData(sources, facts.pod, name, optional);
    return pick(data, key, optional, `Secret ${namespace}/${name}`);
  }
  return undefined;
}

function pick(
  data: Record<string, string> | undefined,
  key: string,
  optional = false,
  owner: string,
): string | undefined {
  const value = data?.[key];
  if (value === undefined && !optional) throw new ContainerConfigError(`couldn't find key ${key} in ${owner}`);
  return value;
}

function configMapData(
  sources: EnvironmentSources,
  pod: Pod,
  name: string,
  optional = false,
): Record<string, string> | undefined {
  const found = sources.configMaps.get(pod.metadata?.namespace ?? "", name);
  if (!found && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
  return found?.data;
}

function secretData(
  sources: EnvironmentSources,
  pod: Pod,
  name: string,
  optional = false,
): Record<string, string> | undefined {
  const found = sources.secrets.get(pod.metadata?.namespace ?? "", name);
  if (!found) {
    if (optional) return undefined;
    throw new ContainerConfigError(`secret "${name}" not found`);
  }
  return Object.fromEntries(
    Object.entries(found.data ?? {}).map(([key, value]) => [key, new TextDecoder().decode(decodeBase64(value))]),
  );
}

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
