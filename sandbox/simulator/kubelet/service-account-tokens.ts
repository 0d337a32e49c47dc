import type { AuthenticationTokenRequest as TokenRequest, Pod, VolumeProjection } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { isNotFound } from "../api/status";
import { SERVICE_ACCOUNTS } from "../client/resources";
import type { KubeletContext } from "./kubelet-context";
import { setUpError } from "./mount-error";

type TokenProjection = NonNullable<VolumeProjection["serviceAccountToken"]>;

const DEFAULT_EXPIRATION_SECONDS = 3600;

/** The tokens one pod has been given, each asked for once. */
export class ServiceAccountTokens {
  readonly #context: Pick<KubeletContext, "client">;
  readonly #tokens = new Map<string, string>();

  constructor(context: Pick<KubeletContext, "client">) {
    this.#context = context;
  }

  get(projection: TokenProjection): string | undefined {
    return this.#tokens.get(keyOf(projection));
  }

  /** Asks for what the pod's volumes need and is not there yet. Rejects with `MountError`. */
  async fetch(pod: Stored<Pod>): Promise<void> {
    for (const volume of pod.spec?.volumes ?? []) {
      for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
        if (!serviceAccountToken || this.#tokens.has(keyOf(serviceAccountToken))) continue;
        this.#tokens.set(keyOf(serviceAccountToken), await this.#request(pod, volume.name, serviceAccountToken));
      }
    }
  }

  async #request(pod: Stored<Pod>, volume: string, projection: TokenProjection): Promise<string> {
    const { namespace = "", name, uid } = pod.metadata;
    const account = pod.spec?.serviceAccountName ?? "default";
    const body: TokenRequest = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: { name: account, namespace },
      spec: {
        audiences: projection.audience === undefined ? [] : [projection.audience],
        expirationSeconds: projection.expirationSeconds ?? DEFAULT_EXPIRATION_SECONDS,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    };
    try {
      const result = await this.#context.client.createSubresource(
        SERVICE_ACCOUNTS,
        { namespace, name: account },
        "token",
        body,
      );
      return tokenOf(result.object);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw setUpError(volume, `failed to fetch token: ${error.message}`);
    }
  }
}

function keyOf({ audience = "", expirationSeconds = DEFAULT_EXPIRATION_SECONDS }: TokenProjection): string {
  return `${audience}|${expirationSeconds}`;
}

function tokenOf(answer: object): string {
  const status = "status" in answer ? answer.status : undefined;
  const token = typeof status === "object" && status !== null && "token" in status ? status.token : undefined;
  return typeof token === "string" ? token : "";
}
