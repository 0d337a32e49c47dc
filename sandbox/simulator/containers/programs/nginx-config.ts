import { FileError } from "../filesystem/file-error";
import { resolvePath } from "../filesystem/path";
import type { Process } from "../processes/process";
import { RecentResults } from "../recent-results";
import { compileGlob, matches } from "../shell/pattern";

/** What this nginx understands of its configuration; other known directives are read over. */
export interface NginxConfig {
  readonly daemon: boolean;
  readonly servers: readonly NginxServer[];
}

export interface NginxServer {
  readonly ports: readonly number[];
  readonly names: readonly string[];
  readonly root?: string;
  readonly index?: readonly string[];
  readonly answer?: NginxAnswer;
  readonly defaultType?: string;
  readonly locations: readonly NginxLocation[];
}

export interface NginxLocation {
  readonly prefix: string;
  readonly exact: boolean;
  readonly root?: string;
  readonly alias?: string;
  readonly index?: readonly string[];
  readonly answer?: NginxAnswer;
  readonly defaultType?: string;
}

export interface NginxAnswer {
  readonly status: number;
  readonly text: string;
}

export class NginxConfigError extends Error {
  override readonly name = "NginxConfigError";
}

interface Directive {
  readonly words: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly file: string;
  readonly line: number;
}

/** Reads the configuration with what it includes. Throws `NginxConfigError` in nginx's words. */
export function readNginxConfig(process: Process, path: string): NginxConfig {
  const directives = load(process, path, 0);
  const http = directives.filter(({ words }) => words[0] === "http").flatMap(({ block }) => block ?? []);
  for (const directive of directives) check(directive, MAIN);
  for (const directive of http) check(directive, HTTP);
  const servers = http.filter(({ words }) => words[0] === "server").map((server) => toServer(server.block ?? []));
  return { daemon: word(directives, "daemon") !== "off", servers };
}

function toServer(block: readonly Directive[]): NginxServer {
  for (const directive of block) check(directive, SERVER);
  const ports = block
    .filter(({ words }) => words[0] === "listen")
    .map(({ words }) => Number(/(\d+)$/.exec(words[1] ?? "")?.[1] ?? 80));
  return {
    ports: ports.length > 0 ? [...new Set(ports)] : [80],
    names: block.filter(({ words }) => words[0] === "server_name").flatMap(({ words }) => words.slice(1)),
    locations: block.filter(({ words }) => words[0] === "location").map(toLocation),
    ...common(block),
  };
}

function toLocation(directive: Directive): NginxLocation {
  for (const inner of directive.block ?? []) check(inner, SERVER);
  const [modifier = "", path] = directive.words.slice(1);
  const alias = word(directive.block ?? [], "alias");
  return {
    prefix: (path ?? modifier).replace(/^\^?~\*?\s*/, ""),
    exact: modifier === "=",
    ...(alias && { alias }),
    ...common(directive.block ?? []),
  };
}

function common(block: readonly Directive[]): Pick<NginxLocation, "root" | "index" | "answer" | "defaultType"> {
  const root = word(block, "root");
  const index = block.find(({ words }) => words[0] === "index")?.words.slice(1);
  const defaultType = word(block, "default_type");
  const answer = block.find(({ words }) => words[0] === "return");
  const [, status = "200", ...text] = answer?.words ?? [];
  return {
    ...(root && { root }),
    ...(index && { index }),
    ...(defaultType && { defaultType }),
    ...(answer && {
      answer: {
        status: /^\d{3}$/.test(status) ? Number(status) : 302,
        text: /^\d{3}$/.test(status) ? text.join(" ") : status,
      },
    }),
  };
}

function word(block: readonly Directive[], name: string): string | undefined {
  return block.find(({ words }) => words[0] === name)?.words[1];
}

function check(directive: Directive, known: ReadonlySet<string>): void {
  const name = directive.words[0] ?? "";
  if (!known.has(name))
    throw new NginxConfigError(`unknown directive "${name}" in ${directive.file}:${directive.line}`);
}

// Most containers start from the files of their image.
const read = new RecentResults<{ directives: readonly Directive[] }>({ count: 20, letters: 8_000 });

function load(process: Process, path: string, depth: number): Directive[] {
  let text: string;
  try {
    text = process.machine.fileSystem.readText(process, path);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new NginxConfigError(`open() "${path}" failed (${error.code === "EACCES" ? 13 : 2}: ${error.message})`);
  }
  const { directives } = read.of(`${path}\n${text}`, () => readBlock(tokenize(text, path), 0, path, undefined));
  return directives.flatMap((directive) => expandIncludes(process, directive, depth));
}

function expandIncludes(process: Process, directive: Directive, depth: number): Directive[] {
  if (directive.words[0] !== "include") {
    const block = directive.block?.flatMap((inner) => expandIncludes(process, inner, depth));
    return [{ ...directive, block }];
  }
  if (depth > 8) throw new NginxConfigError(`too many includes in ${directive.file}:${directive.line}`);
  const path = resolvePath("/etc/nginx", directive.words[1] ?? "");
  if (!/[*?[]/.test(path)) return path.endsWith("mime.types") ? [] : load(process, path, depth + 1);
  const folder = path.slice(0, path.lastIndexOf("/"));
  const pattern = compileGlob(path.slice(folder.length + 1));
  if (!process.machine.fileSystem.isDirectory(process, folder)) return [];
  const names = process.machine.fileSystem
    .list(process, folder)
    .filter((name) => !name.startsWith(".") && matches(pattern, name));
  return names.flatMap((name) => load(process, `${folder}/${name}`, depth + 1));
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

/** Variables in braces belong to the word that they stand in. */
const WORD = /(?:\$\{\w+\}|[^\s;{}])+/y;

function tokenize(text: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? "";
    if (char === "\n") line++;
    if (/\s/.test(char)) at++;
    else if (char === "#") at = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
    else if (/[{};]/.test(char)) {
      tokens.push({ text: char, quoted: false, line });
      at++;
    } else if (char === '"' || char === "'") {
      let end = at + 1;
      let value = "";
      while (end < text.length && text[end] !== char) {
        if (text[end] === "\\" && end + 1 < text.length) value += unescape(text[++end] ?? "");
        else value += text[end] ?? "";
        end++;
      }
      if (end >= text.length)
        throw new NginxConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`);
      tokens.push({ text: value, quoted: true, line });
      line += value.split("\n").length - 1;
      at = end + 1;
    } else {
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0] ?? char;
      tokens.push({ text: word, quoted: false, line });
      at += word.length;
    }
  }
  return tokens;
}

function unescape(char: string): string {
  return { n: "\n", t: "\t", r: "\r" }[char] ?? char;
}

function readBlock(
  tokens: readonly Token[],
  start: number,
  file: string,
  open: Token | undefined,
): { directives: Directive[]; next: number } {
  const directives: Directive[] = [];
  let words: string[] = [];
  let line = 0;
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) break;
    if (token.quoted || !/^[{};]$/.test(token.text)) {
      if (words.length === 0) line = token.line;
      words.push(token.text);
    } else if (token.text === ";") {
      if (words.length === 0) throw new NginxConfigError(`unexpected ";" in ${file}:${token.line}`);
      directives.push({ words, block: undefined, file, line: token.line });
      words = [];
    } else if (token.text === "{") {
      if (words.length === 0) throw new NginxConfigError(`unexpected "{" in ${file}:${token.line}`);
      const inner = readBlock(tokens, at + 1, file, token);
      directives.push({ words, block: inner.directives, file, line });
      words = [];
      at = inner.next;
    } else {
      if (!open || words.length > 0) throw new NginxConfigError(`unexpected "}" in ${file}:${token.line}`);
      return { directives, next: at };
    }
  }
  const last = tokens.at(-1)?.line ?? 1;
  if (words.length > 0)
    throw new NginxConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${last + 1}`);
  if (open) throw new NginxConfigError(`unexpected end of file, expecting "}" in ${file}:${last + 1}`);
  return { directives, next: tokens.length };
}

const COMMON = [
  "root",
  "index",
  "error_page",
  "access_log",
  "error_log",
  "default_type",
  "add_header",
  "expires",
  "charset",
  "gzip",
  "client_max_body_size",
  "autoindex",
  "etag",
  "keepalive_timeout",
  "sendfile",
  "tcp_nopush",
  "tcp_nodelay",
  "types",
  "server_tokens",
  "gzip_types",
  "if",
  "set",
  "allow",
  "deny",
  "log_not_found",
  "port_in_redirect",
  "absolute_redirect",
];
const MAIN = new Set([
  "user",
  "worker_processes",
  "error_log",
  "pid",
  "events",
  "http",
  "daemon",
  "worker_rlimit_nofile",
  "include",
  "load_module",
  "env",
  "stream",
  "master_process",
]);
const HTTP = new Set([
  ...COMMON,
  "server",
  "log_format",
  "include",
  "upstream",
  "map",
  "proxy_cache_path",
  "types_hash_max_size",
  "server_names_hash_bucket_size",
  "resolver",
  "proxy_set_header",
  "limit_req_zone",
]);
const SERVER = new Set([
  ...COMMON,
  "listen",
  "server_name",
  "location",
  "return",
  "rewrite",
  "try_files",
  "alias",
  "internal",
  "proxy_pass",
  "proxy_set_header",
  "proxy_http_version",
  "proxy_read_timeout",
  "stub_status",
  "ssl_certificate",
  "ssl_certificate_key",
  "ssl_protocols",
  "resolver",
  "auth_basic",
  "auth_basic_user_file",
  "fastcgi_pass",
  "fastcgi_index",
  "fastcgi_param",
  "include",
  "limit_req",
  "sub_filter",
  "add_before_body",
]);
