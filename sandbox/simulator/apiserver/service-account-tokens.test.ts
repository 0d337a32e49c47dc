import { describe, expect, it } from "vitest";
import type { AuthenticationTokenRequest } from "../api/generated/kubernetes";
import { decodeBase64Url } from "../api/base64";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { username: "admin", groups: ["system:masters"] };
const PEER = { certificate: { commonName: "admin", organizations: ["system:masters"] } };

function freshServer() {
  const clock = new FakeClock();
  const server = createApiServer({ clock, random: new SeededRandom(1) });
  const create = (resource: string, body: object, more: object = {}) =>
    server.handler.handle({
      verb: "create",
      group: "",
      version: "v1",
      resource,
      user: ADMIN,
      options: {},
      body,
      ...more,
    });
  const get = async (path: string, headers: Record<string, string> = {}, peer: object = {}): Promise<Response> =>
    server.http.fetch(new Request(`https://127.0.0.1:6443${path}`, { headers }), peer);
  return { clock, server, create, get };
}

async function withAccount() {
  const fresh = freshServer();
  const { create } = fresh;
  await create("namespaces", { metadata: { name: "default" } });
  await create("serviceaccounts", { metadata: { name: "bot" } }, { namespace: "default" });
  const place = { namespace: "default", name: "bot", subresource: "token" };
  const tokenFor = async (spec: object = {}): Promise<string> => {
    const { object } = await create("serviceaccounts", { spec }, place);
    return (object as AuthenticationTokenRequest).status?.token ?? "";
  };
  return { ...fresh, tokenFor };
}

function decoded(part: string | undefined): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(decodeBase64Url(part ?? ""))) as Record<string, unknown>;
}

describe("tokens of service accounts", () => {
  it("can be checked by anybody with the key that the server shows", async () => {
    const { tokenFor, get } = await withAccount();
    const [head, body, signature] = (await tokenFor()).split(".");
    const configuration = (await (await get("/.well-known/openid-configuration", {}, PEER)).json()) as Record<
      string,
      unknown
    >;
    const shown = await get("/openid/v1/jwks", {}, PEER);
    const { keys } = (await shown.json()) as { keys: JsonWebKey[] };
    expect(shown.headers.get("content-type")).toBe("application/jwk-set+json");
    expect(configuration).toMatchObject({
      issuer: "https://kubernetes.default.svc.cluster.local",
      jwks_uri: "https://127.0.0.1:6443/openid/v1/jwks",
      id_token_signing_alg_values_supported: ["ES256"],
    });
    expect(decoded(head)).toEqual({ alg: "ES256", kid: (keys[0] as { kid?: string }).kid });
    expect(JSON.stringify(keys)).not.toContain('"d"');
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const { kty, crv, x, y } = keys[0] ?? {};
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, algorithm, true, ["verify"]);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    expect(await crypto.subtle.verify(algorithm, key, decodeBase64Url(signature ?? ""), signed)).toBe(true);
    expect(decoded(body)).toMatchObject({
      aud: ["https://kubernetes.default.svc.cluster.local"],
      sub: "system:serviceaccount:default:bot",
      "kubernetes.io": { namespace: "default", serviceaccount: { name: "bot" } },
    });
  });

  // 403: it is known whose token it is, and that nobody has given the account any rights.
  it("are good until they end, and while their pod is there", async () => {
    const { clock, server, create, tokenFor, get } = await withAccount();
    await create("serviceaccounts", { metadata: { name: "default" } }, { namespace: "default" });
    const pod = { metadata: { name: "web" }, spec: { containers: [{ name: "main", image: "nginx" }] } };
    const { object } = await create("pods", pod, { namespace: "default" });
    const { uid } = object.metadata as { uid: string };
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "web", uid };
    const [free, bound] = [await tokenFor({ expirationSeconds: 600 }), await tokenFor({ boundObjectRef })];
    const status = async (token: string): Promise<number> =>
      (await get("/version", { authorization: `Bearer ${token}` })).status;
    expect([await status(free), await status(bound)]).toEqual([403, 403]);
    const broken = `${free.slice(0, -4)}${free.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
    expect(await status(broken)).toBe(401);
    const where = { group: "", version: "v1", resource: "pods", namespace: "default", name: "web" };
    await server.handler.handle({ verb: "delete", ...where, user: ADMIN, options: { gracePeriodSeconds: 0 } });
    expect([await status(free), await status(bound)]).toEqual([403, 401]);
    await clock.advance(600_000);
    expect(await status(free)).toBe(401);
  });

  it("are still good on a server that was restored, and on no other", async () => {
    const { server, tokenFor } = await withAccount();
    const token = await tokenFor();
    const headers = { authorization: `Bearer ${token}` };
    const other = freshServer();
    expect((await other.get("/version", headers)).status).toBe(401);
    other.server.restore(server.snapshot());
    expect((await other.get("/version", headers)).status).toBe(403);
  });
});
