import { SandboxError } from "../../protocol/codes";
import type { ClusterCreate } from "../../protocol/cluster-host-api";
import type { KubeObject } from "../../simulator/api/object";
import { StatusError } from "../../simulator/api/status";
import type { Client } from "../../simulator/client/client";
import { resourceForKind } from "../../simulator/schema/resources";

/**
 * Puts a lesson's start objects into a new cluster, in the order given, as its administrator would.
 * @throws SandboxError `start-objects-refused` with what the API server says
 */
export async function createStartObjects(client: Client, objects: ClusterCreate["startObjects"]): Promise<void> {
  for (const object of objects) {
    const { apiVersion, kind } = object;
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    const resource = resourceForKind(group, version, kind);
    if (!resource) throw new SandboxError("start-objects-refused", `no kind ${kind} in ${apiVersion}`);
    const { metadata, ...rest }: KubeObject = object;
    const namespace = resource.namespaced ? (metadata?.namespace ?? "default") : undefined;
    try {
      await client.create(resource, { ...rest, metadata: { ...metadata, namespace } }, { fieldManager: "lesson" });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw new SandboxError("start-objects-refused", error.message, { cause: error });
    }
  }
}
