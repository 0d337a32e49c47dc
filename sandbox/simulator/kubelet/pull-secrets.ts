import type { Pod, Secret } from "../api/generated/kubernetes";
import { isJsonObject } from "../api/json";
import type { Lister } from "../client/informer";
import { decodeBase64 } from "./container-environment";
import type { RegistryCredentials } from "./container-runtime";

const TYPES = [".dockerconfigjson", ".dockercfg"];

/** What a pod's imagePullSecrets open, and the names of those that are not there. */
export function pullCredentials(
  pod: Pod,
  secrets: Pick<Lister<Secret>, "get">,
): { credentials: RegistryCredentials[]; missing: string[] } {
  const credentials: RegistryCredentials[] = [];
  const missing: string[] = [];
  for (const { name = "" } of pod.spec?.imagePullSecrets ?? []) {
    const secret = secrets.get(pod.metadata?.namespace ?? "", name);
    if (!secret) missing.push(name);
    for (const type of TYPES) {
      const encoded = secret?.data?.[type];
      if (encoded !== undefined) credentials.push(...entriesOf(new TextDecoder().decode(decodeBase64(encoded))));
    }
  }
  return { credentials, missing };
}

/** The entries of a Docker configuration; what cannot be read opens nothing. */
function entriesOf(text: string): RegistryCredentials[] {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // A secret may hold anything: the pull fails and says so.
    return [];
  }
  if (!isJsonObject(config)) return [];
  const auths = isJsonObject(config["auths"]) ? config["auths"] : config;
  return Object.entries(auths).flatMap(([server, entry]) => {
    if (!isJsonObject(entry)) return [];
    const host = server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
    const { username, password, auth } = entry;
    if (typeof username === "string" && typeof password === "string") return [{ host, username, password }];
    if (typeof auth !== "string") return [];
    const [user = "", ...rest] = readAuth(auth).split(":");
    return [{ host, username: user, password: rest.join(":") }];
  });
}

function readAuth(auth: string): string {
  try {
    return new TextDecoder().decode(decodeBase64(auth));
  } catch {
    // Not base64: nobody's name and password.
    return "";
  }
}
