import { isJsonObject } from "../api/json";
import { badRequest, type StatusError } from "../api/status";

/** Where the next page of a list begins, and as of which revision. The form is the real server's. */
export interface ContinueToken {
  readonly revision: number;
  /** Key of the last object that was handed out. */
  readonly after: string;
}

export function encodeToken({ revision, after }: ContinueToken): string {
  // Object keys are of a form that is Latin-1.
  const text = btoa(JSON.stringify({ v: VERSION, rv: revision, start: `${after}\u0000` }));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Throws the server's 400 for what is no token. */
export function decodeToken(text: string): ContinueToken {
  const value = parse(decodeBase64(text));
  const { v: version, rv: revision, start } = isJsonObject(value) ? value : {};
  if (version !== VERSION)
    throw refused(`: server does not recognize this encoded version ${typeof version === "string" ? version : ""}`);
  if (typeof revision !== "number" || revision === 0)
    throw refused(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "") throw refused(": encoded start key empty (version meta.k8s.io/v1)");
  if (/(^|\/)\.{0,2}(\/|$)/.test(start.replace(/^\//, ""))) throw refused(`: ${start}`);
  return { revision, after: start.replace(/\u0000$/, "") };
}

const VERSION = "meta.k8s.io/v1";

function decodeBase64(text: string): string {
  const bad = text.search(/[^A-Za-z0-9_-]/);
  if (bad >= 0) throw refused(`: illegal base64 data at input byte ${bad}`);
  if (text.length % 4 === 1) throw refused(`: illegal base64 data at input byte ${text.length - 1}`);
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const first = text[0];
    const why =
      first === undefined
        ? "unexpected end of JSON input"
        : `invalid character ${quoted(first)} looking for beginning of value`;
    throw refused(`: ${why}`);
  }
}

/** A letter as Go's decoder of JSON names it. */
function quoted(letter: string): string {
  if (letter === "'") return String.raw`'\''`;
  if (letter === '"') return `'"'`;
  const code = letter.charCodeAt(0);
  if (code >= 0x20 && code < 0x7f) return `'${letter}'`;
  return code < 0x80
    ? `'\\x${code.toString(16).padStart(2, "0")}'`
    : code >= 0xa1 && code !== 0xad
      ? `'${letter}'`
      : `'\\u${code.toString(16).padStart(4, "0")}'`;
}

function refused(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
