import type { AuthenticationTokenRequest } from "../api/generated/kubernetes";
import type { ApiRequest, ApiResult, UserInfo } from "../api/request";
import { invalidValue } from "../api/field-error";
import { isJsonObject } from "../api/json";
import { invalid } from "../api/status";
import { toTime, type Clock } from "../clock";
import { NODES, PODS, SERVICE_ACCOUNTS } from "../registry/references";
import type { StrategyContext } from "../registry/strategy";
import { draftOf } from "./body";
import type { ClusterSigningKey } from "./cluster-signing-key";
import { ISSUER } from "./open-id";
import { getObject } from "./read";
import type { ServerContext } from "./server-context";
import type { Target } from "./target";

const EXTRA = "authentication.kubernetes.io";
const SHORTEST_SECONDS = 600;
const DEFAULT_SECONDS = 3600;
const KIND = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };

interface Claims {
  readonly sub: string;
  readonly exp: number;
  readonly jti: string;
  readonly "kubernetes.io": {
    namespace: string;
    serviceaccount: { name: string; uid: string };
    pod?: { name: string; uid: string };
    node?: { name: string; uid: string };
  };
}

/**
 * Tokens of service accounts: signed, with an end, and worth nothing once the account is gone.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class ServiceAccountTokens {
  readonly #clock: Clock;
  readonly #objects: Pick<StrategyContext, "lookup">;
  readonly #key: ClusterSigningKey;

  constructor(clock: Clock, objects: Pick<StrategyContext, "lookup">, key: ClusterSigningKey) {
    this.#clock = clock;
    this.#objects = objects;
    this.#key = key;
  }

  /** POST to `serviceaccounts/x/token`. */
  async create(server: ServerContext, target: Target, request: ApiRequest): Promise<ApiResult> {
    const account = getObject(server, target);
    const review: AuthenticationTokenRequest = draftOf(request.body, KIND);
    const seconds = review.spec?.expirationSeconds ?? DEFAULT_SECONDS;
    if (seconds < SHORTEST_SECONDS) {
      const error = invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
      throw invalid(KIND, "", [error]);
    }
    const { namespace = "", name, uid } = account.metadata;
    const now = Math.floor(this.#clock.now() / 1000);
    const { boundObjectRef, audiences = [ISSUER] } = review.spec ?? {};
    const pod =
      boundObjectRef?.kind === "Pod" ? { name: boundObjectRef.name ?? "", uid: boundObjectRef.uid ?? "" } : undefined;
    const node = pod && this.#nodeOf(namespace, pod.name);
    const claims = {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: ISSUER,
      jti: server.random.uuid(),
      "kubernetes.io": { namespace, ...(node && { node }), ...(pod && { pod }), serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const object: AuthenticationTokenRequest = {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name, namespace, creationTimestamp: toTime(this.#clock.now()) },
      spec: { audiences, expirationSeconds: seconds, ...(boundObjectRef && { boundObjectRef }) },
      status: {
        token: await (await this.#key.get()).sign(claims),
        expirationTimestamp: toTime((now + seconds) * 1000),
      },
    };
    return { object, code: 201, warnings: [] };
  }

  /** Whose token it is; `undefined` for what is forged, over, or of an account that is gone. */
  async read(token: string): Promise<UserInfo | undefined> {
    const claims = await (await this.#key.get()).verify(token);
    if (!isClaims(claims) || claims.exp * 1000 <= this.#clock.now()) return undefined;
    const { namespace, serviceaccount, pod, node } = claims["kubernetes.io"];
    const account = this.#objects.lookup(SERVICE_ACCOUNTS, namespace, serviceaccount.name);
    if (account?.metadata.uid !== serviceaccount.uid) return undefined;
    if (pod && this.#objects.lookup(PODS, namespace, pod.name)?.metadata.uid !== pod.uid) return undefined;
    const extra = {
      [`${EXTRA}/credential-id`]: [`JTI=${claims.jti}`],
      ...(node && { [`${EXTRA}/node-name`]: [node.name], [`${EXTRA}/node-uid`]: [node.uid] }),
      ...(pod && { [`${EXTRA}/pod-name`]: [pod.name], [`${EXTRA}/pod-uid`]: [pod.uid] }),
    };
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
    return { username: claims.sub, uid: serviceaccount.uid, groups, extra };
  }

  #nodeOf(namespace: string, podName: string): { name: string; uid: string } | undefined {
    const { nodeName } = this.#objects.lookup(PODS, namespace, podName)?.spec ?? {};
    const node = nodeName === undefined ? undefined : this.#objects.lookup(NODES, "", nodeName);
    return node && { name: node.metadata.name, uid: node.metadata.uid };
  }
}

// What our own key has signed is what `create` wrote.
function isClaims(value: unknown): value is Claims {
  return isJsonObject(value) && isJsonObject(value["kubernetes.io"]);
}
