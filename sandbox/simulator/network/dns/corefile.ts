/** A Corefile, taken apart: https://coredns.io/manual/configuration/ */
export interface ServerBlock {
  /** Without the final dot; "" is the root. */
  readonly zones: readonly { readonly zone: string; readonly port: number }[];
  readonly plugins: readonly Directive[];
}

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  /** The lines of its own block. */
  readonly block: readonly Directive[];
  readonly line: number;
}

/** CoreDNS would not start with this; the message is CoreDNS's. */
export class CorefileError extends Error {
  override readonly name = "CorefileError";
}

const PATH = "/etc/coredns/Corefile";
const DNS_PORT = 53;

/** Throws `CorefileError`. */
export function parseCorefile(text: string): ServerBlock[] {
  const reader = new TokenReader(tokenize(text));
  const blocks: ServerBlock[] = [];
  while (!reader.done) blocks.push(readServerBlock(reader));
  return blocks;
}

export function errorAt(line: number, message: string): CorefileError {
  return new CorefileError(`${PATH}:${line} - Error during parsing: ${message}`);
}

interface Token {
  readonly text: string;
  readonly line: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    for (const [, quoted, bare = ""] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
      if (bare.startsWith("#")) break;
      tokens.push({ text: quoted?.replace(/\\"/g, '"') ?? bare, line: index + 1 });
    }
  }
  return tokens;
}

class TokenReader {
  #at = 0;

  constructor(readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.#at >= this.tokens.length;
  }

  get line(): number {
    return this.tokens[Math.min(this.#at, this.tokens.length - 1)]?.line ?? 1;
  }

  peek(): Token | undefined {
    return this.tokens[this.#at];
  }

  next(): Token {
    const token = this.tokens[this.#at++];
    if (!token) throw errorAt(this.line, "Unexpected EOF");
    return token;
  }
}

function readServerBlock(reader: TokenReader): ServerBlock {
  const keys: string[] = [];
  while (reader.peek()?.text !== "{") keys.push(...reader.next().text.split(",").filter(Boolean));
  reader.next();
  const plugins: Directive[] = [];
  while (reader.peek()?.text !== "}") plugins.push(readDirective(reader, KNOWN));
  reader.next();
  return { zones: keys.map(readKey), plugins };
}

function readDirective(reader: TokenReader, known?: ReadonlySet<string>): Directive {
  const { text: name, line } = reader.next();
  if (known && !known.has(name)) throw errorAt(line, `Unknown directive '${name}'`);
  const args: string[] = [];
  const block: Directive[] = [];
  for (let token = reader.peek(); token?.line === line && token.text !== "}"; token = reader.peek()) {
    reader.next();
    if (token.text !== "{") {
      args.push(token.text);
      continue;
    }
    while (reader.peek()?.text !== "}") block.push(readDirective(reader));
    reader.next();
    break;
  }
  return { name, args, block, line };
}

function readKey(key: string): { zone: string; port: number } {
  const [, host = "", port] = /^(?:dns:\/\/)?([^:]*)(?::(\d+))?$/.exec(key) ?? [];
  return { zone: zoneName(host), port: port ? Number(port) : DNS_PORT };
}

/** `example.org.` as names are compared here: lower case, without the final dot. */
export function zoneName(text: string): string {
  return text.toLowerCase().replace(/\.$/, "");
}

/** Whether a name lies in a zone. */
export function inZone(name: string, zone: string): boolean {
  return zone === "" || name === zone || name.endsWith(`.${zone}`);
}

// https://github.com/coredns/coredns/blob/master/plugin.cfg
const KNOWN: ReadonlySet<string> = new Set(
  (
    "root metadata geoip cancel tls quic timeouts multisocket reload nsid bufsize bind debug trace ready health pprof prometheus " +
    "errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite header dnssec autopath minimal template " +
    "transfer hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic " +
    "whoami on sign view nomad"
  ).split(" "),
);
