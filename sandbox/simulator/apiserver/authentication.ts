import type { Peer } from "../api/channel";
import type { UserInfo } from "../api/request";
import { unauthorized } from "../api/status";

/** Who a bearer token belongs to; `undefined` when it is none of ours. */
export type TokenReader = (token: string) => Promise<UserInfo | undefined>;

/**
 * Client certificate, then bearer token, then anonymous. A token that nobody knows is refused, not ignored.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/
 */
export async function authenticate(headers: Headers, peer: Peer, tokens: TokenReader): Promise<UserInfo> {
  if (peer.certificate) {
    const { commonName, organizations } = peer.certificate;
    return authenticated({ username: commonName, groups: organizations });
  }
  const token = bearerToken(headers);
  if (token === undefined) return ANONYMOUS;
  const user = await tokens(token);
  if (!user) throw unauthorized();
  return authenticated(user);
}

const ANONYMOUS: UserInfo = { username: "system:anonymous", groups: ["system:unauthenticated"] };

function authenticated(user: UserInfo): UserInfo {
  const everyone = "system:authenticated";
  return user.groups.includes(everyone) ? user : { ...user, groups: [...user.groups, everyone] };
}

/** From the Authorization header, or, where a browser cannot set it, from the WebSocket's subprotocols. */
function bearerToken(headers: Headers): string | undefined {
  const header = headers.get("authorization");
  if (header) return /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1];
  const prefix = "base64url.bearer.authorization.k8s.io.";
  const protocol = (headers.get("sec-websocket-protocol") ?? "")
    .split(",")
    .find((each) => each.trim().startsWith(prefix));
  if (!protocol) return undefined;
  const encoded = protocol.trim().slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/");
  try {
    return atob(encoded);
  } catch {
    throw unauthorized();
  }
}
