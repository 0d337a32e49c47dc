import type { IncomingHttpHeaders } from "node:http";
import { PRIVATE_HEADER_PREFIX } from "../headers";
import type { PreviewTarget } from "./preview-hosts";

/** The headers of one message as Node has them: names and values in turn. */
type RawHeaders = readonly string[];

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a program in a pod may not say of our host, or of what else is served there. */
const REFUSED_ANSWERS = new Set(["alt-svc", "public-key-pins", "strict-transport-security"]);

/** The name of the cookie that holds the pass: `__Host-` makes browsers refuse it from anywhere else. */
export function passCookie(isSecure: boolean): string {
  return isSecure ? "__Host-slipway-preview" : "slipway-preview";
}

/** The value of a cookie in a request. */
export function cookieIn({ cookie = "" }: IncomingHttpHeaders, name: string): string | undefined {
  return cookiesOf(cookie).find(([key]) => key === name)?.[1];
}

/** The request's headers as the pod gets them: the browser's own, without what is between us and the browser. */
export function headersForPod(raw: RawHeaders, from: { host: string; scheme: string; cookie: string }): string[] {
  const kept = pairs(raw).filter(([name]) => {
    const lower = name.toLowerCase();
    if (lower.startsWith("x-forwarded-") || lower.startsWith(PRIVATE_HEADER_PREFIX)) return false;
    return !isHopByHop(lower, raw) && lower !== "expect" && lower !== "forwarded";
  });
  const withoutPass = kept.flatMap(([name, value]): [string, string][] => {
    if (name.toLowerCase() !== "cookie") return [[name, value]];
    const others = cookiesOf(value).filter(([key]) => key !== from.cookie);
    return others.length > 0 ? [[name, others.map(([key, text]) => `${key}=${text}`).join("; ")]] : [];
  });
  return [...withoutPass.flat(), "x-forwarded-host", from.host, "x-forwarded-proto", from.scheme];
}

/** The pod's headers as the browser gets them: redirects stay in the preview, cookies on its host. */
export function headersForBrowser(
  raw: RawHeaders,
  { host, target, cookie }: { host: string; target: PreviewTarget; cookie: string },
): string[] {
  return pairs(raw).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (isHopByHop(lower, raw) || REFUSED_ANSWERS.has(lower)) return [];
    if (lower === "location" || lower === "content-location") return [name, inPreview(value, host, target)];
    if (lower !== "set-cookie") return [name, value];
    const own = hostOnly(value, cookie);
    return own === undefined ? [] : [name, own];
  });
}

/** Names by which a program in the cluster knows itself lead to the preview too, whatever port they name. */
function inPreview(location: string, host: string, { namespace, service }: PreviewTarget): string {
  if (!/^https?:\/\//i.test(location) || !URL.canParse(location)) return location;
  const url = new URL(location);
  const local = `${service}.${namespace}`;
  const own = [hostnameOf(host), service, local, `${local}.svc`, `${local}.svc.cluster.local`];
  return own.includes(url.hostname) ? `${url.pathname}${url.search}${url.hash}` : location;
}

/** A cookie without its domain, so that it stays on this host; nothing for one that would stand in for ours. */
function hostOnly(value: string, passName: string): string | undefined {
  const [pair = "", ...attributes] = value.split(";");
  if (pair.split("=", 1)[0]?.trim() === passName) return undefined;
  return [pair, ...attributes.filter((attribute) => !/^\s*domain\s*=/i.test(attribute))].join(";");
}

function isHopByHop(lower: string, raw: RawHeaders): boolean {
  if (HOP_BY_HOP.has(lower)) return true;
  return pairs(raw).some(
    ([name, value]) =>
      name.toLowerCase() === "connection" &&
      value
        .toLowerCase()
        .split(",")
        .some((token) => token.trim() === lower),
  );
}

function pairs(raw: RawHeaders): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([raw[at] ?? "", raw[at + 1] ?? ""]);
  return found;
}

function cookiesOf(header: string): [string, string][] {
  return header
    .split(";")
    .filter((part) => part.trim() !== "")
    .map((part): [string, string] => {
      const at = part.indexOf("=");
      return at === -1 ? [part.trim(), ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    });
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}
