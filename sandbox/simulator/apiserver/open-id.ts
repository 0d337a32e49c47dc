import type { ClusterSigningKey } from "./cluster-signing-key";

/** Who tokens of service accounts are from. */
export const ISSUER = "https://kubernetes.default.svc.cluster.local";

/**
 * What others need to check tokens of service accounts: `undefined` for any other path.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export async function openIdDocument(
  path: string,
  address: string,
  keys: ClusterSigningKey,
): Promise<Response | undefined> {
  switch (path) {
    case "/.well-known/openid-configuration":
      return answer("application/json", {
        issuer: ISSUER,
        jwks_uri: `https://${address}/openid/v1/jwks`,
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["ES256"],
      });
    case "/openid/v1/jwks":
      return answer("application/jwk-set+json", { keys: [await (await keys.get()).publicData()] });
    default:
      return undefined;
  }
}

function answer(type: string, value: object): Response {
  const headers = { "content-type": type, "cache-control": "public, max-age=3600" };
  return new Response(JSON.stringify(value), { headers });
}
