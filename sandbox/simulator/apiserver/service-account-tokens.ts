import type { AuthenticationTokenRequest } from "../api/generated/kubernetes";
import type { ApiRequest, ApiResult, UserInfo } from "../api/request";
import { invalidValue } from "../api/field-error";
import { isJsonObject } from "../api/json";
import { invalid } from "../api/status";
import { toTime, type Clock } from "../clock";
import { SERVICE_ACCOUNTS } from "../registry/references";
import type { StrategyContext } from "../registry/strategy";
import { draftOf } from "./body";
import { getObject } from "./read";
import type { ServerContext } from "./server-context";
import type { Target } from "./target";

const ISSUER = "https://kubernetes.default.svc.cluster.local";
const SHORTEST_SECONDS = 600;
const DEFAULT_SECONDS = 3600;
const KIND = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };

interface Claims {
  readonly sub: string;
  readonly exp: number;
  readonly "kubernetes.io": {
    namespace: string;
    serviceaccount: { name: string; uid: string };
    pod?: { name: string; uid: string };
  };
}

/**
 * Tokens of service accounts: signed, with an end, and worth nothing once the account is gone.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
 */
export class ServiceAccountTokens {
  readonly #clock: Clock;
  readonly #objects: Pick<StrategyContext, "lookup">;
  readonly #key: Promise<CryptoKey>;

  /** Without a `secret` one is made up: tokens then die with the server. */
  constructor(clock: Clock, objects: Pick<StrategyContext, "lookup">, secret?: Uint8Array<ArrayBuffer>) {
    this.#clock = clock;
    this.#objects = objects;
    const bytes = secret ?? crypto.getRandomValues(new Uint8Array(32));
    this.#key = crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
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
    const claims = {
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: ISSUER,
      jti: server.random.uuid(),
      "kubernetes.io": { namespace, ...(pod && { pod }), serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const object: AuthenticationTokenRequest = {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name, namespace, creationTimestamp: toTime(this.#clock.now()) },
      spec: { audiences, expirationSeconds: seconds, ...(boundObjectRef && { boundObjectRef }) },
      status: { token: await this.#sign(claims), expirationTimestamp: toTime((now + seconds) * 1000) },
    };
    return { object, code: 201, warnings: [] };
  }

  /** Whose token it is; `undefined` for what is forged, over, or of an account that is gone. */
  async read(token: string): Promise<UserInfo | undefined> {
    const claims = await this.#verify(token);
    if (!claims || claims.exp * 1000 <= this.#clock.now()) return undefined;
    const { namespace, serviceaccount, pod } = claims["kubernetes.io"];
    const account = this.#objects.lookup(SERVICE_ACCOUNTS, namespace, serviceaccount.name);
    if (account?.metadata.uid !== serviceaccount.uid) return undefined;
    const extra = pod && {
      "authentication.kubernetes.io/pod-name": [pod.name],
      "authentication.kubernetes.io/pod-uid": [pod.uid],
    };
    const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
    return { username: claims.sub, uid: serviceaccount.uid, groups, ...(extra && { extra }) };
  }

  async #sign(claims: object): Promise<string> {
    const body = `${encodeText(JSON.stringify({ alg: "HS256", typ: "JWT" }))}.${encodeText(JSON.stringify(claims))}`;
    const signature = await crypto.subtle.sign("HMAC", await this.#key, new TextEncoder().encode(body));
    return `${body}.${encodeBytes(new Uint8Array(signature))}`;
  }

  async #verify(token: string): Promise<Claims | undefined> {
    const [head = "", body = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || signature === "") return undefined;
    try {
      const bytes = decodeBytes(signature);
      const signed = new TextEncoder().encode(`${head}.${body}`);
      if (!(await crypto.subtle.verify("HMAC", await this.#key, bytes, signed))) return undefined;
      const claims: unknown = JSON.parse(new TextDecoder().decode(decodeBytes(body)));
      // We signed it, so it is what `create` wrote.
      return isJsonObject(claims) ? (claims as unknown as Claims) : undefined;
    } catch {
      // Not base64, not JSON: not a token of ours.
      return undefined;
    }
  }
}

function encodeText(text: string): string {
  return encodeBytes(new TextEncoder().encode(text));
}

function encodeBytes(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
