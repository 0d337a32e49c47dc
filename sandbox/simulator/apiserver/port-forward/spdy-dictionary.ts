/**
 * What both ends of a SPDY/3 connection seed their header compression with, a constant of the protocol:
 * names and values each with their length before them, then text as it is.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/#TOC-2.6.10.1-Compression
 */
export function spdyDictionary(): Uint8Array<ArrayBuffer> {
  const words = [...METHODS, ...NAMES, "get", "status", "200 OK", "version", "HTTP/1.1", ...LATER_NAMES];
  const text = words.map((word) => `\0\0\0${String.fromCharCode(word.length)}${word}`).join("") + TAIL.join("");
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const METHODS = ["options", "head", "post", "put", "delete", "trace"];
const NAMES = (
  "accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control " +
  "connection content-base content-encoding content-language content-length content-location content-md5 " +
  "content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range " +
  "if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range " +
  "referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method"
).split(" ");
const LATER_NAMES = ["url", "public", "set-cookie", "keep-alive", "origin"];
const TAIL = [
  "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505",
  "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized",
  "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable",
  "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT",
  "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,",
  "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.",
];
