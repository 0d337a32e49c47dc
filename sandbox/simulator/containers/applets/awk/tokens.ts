/** Words of an awk program. */
export interface Token {
  readonly kind: "number" | "string" | "regex" | "name" | "call" | "builtin" | "keyword" | "symbol" | "newline" | "end";
  readonly text: string;
  readonly line: number;
}

/** The program cannot be read; `message` says where, in busybox's form. */
export class AwkSyntaxError extends Error {
  override readonly name = "AwkSyntaxError";
}

export const BUILTIN_FUNCTIONS: ReadonlySet<string> = new Set(
  "atan2 close cos exp fflush gsub index int length log match rand sin split sprintf sqrt srand strftime sub substr system systime tolower toupper".split(
    " ",
  ),
);

const KEYWORDS: ReadonlySet<string> = new Set(
  "BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf".split(
    " ",
  ),
);

const SYMBOLS = /^(?:\*\*=|\*\*|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|>>|[{}()[\];,+\-*/%^!<>|?:~$=])/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "/": "/",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** Splits a program into words. A slash begins a regular expression where no value stands before it. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const push = (kind: Token["kind"], text: string, length: number): void => {
    tokens.push({ kind, text, line });
    at += length;
  };
  while (at < source.length) {
    const rest = source.slice(at);
    const skipped = /^(?:[ \t\r]|\\\n|#[^\n]*)+/.exec(rest)?.[0];
    if (skipped !== undefined) {
      line += skipped.split("\n").length - 1;
      at += skipped.length;
      continue;
    }
    if (rest.startsWith("\n")) {
      push("newline", "\n", 1);
      line++;
      continue;
    }
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest)?.[0];
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (number !== undefined) push("number", number, number.length);
    else if (name !== undefined) push(kindOfName(name, rest[name.length]), name, name.length);
    else if (rest.startsWith('"')) {
      const whole = /^"(?:[^"\\\n]|\\[\s\S])*"/.exec(rest)?.[0];
      if (whole === undefined) throw new AwkSyntaxError(`cmd. line:${line}: Unexpected end of string`);
      push("string", unescape(whole.slice(1, -1)), whole.length);
    } else if (rest.startsWith("/") && !endsAValue(tokens.at(-1))) {
      const whole = /^\/((?:[^/\\\n[]|\\.|\[\^?\]?[^\]\n]*\])*)\//.exec(rest);
      if (!whole) throw new AwkSyntaxError(`cmd. line:${line}: Unexpected end of regex`);
      push("regex", (whole[1] ?? "").replaceAll("\\/", "/"), whole[0].length);
    } else {
      const symbol = SYMBOLS.exec(rest)?.[0];
      if (symbol === undefined) throw new AwkSyntaxError(`cmd. line:${line}: Unexpected token`);
      push("symbol", symbol === "**" ? "^" : symbol === "**=" ? "^=" : symbol, symbol.length);
    }
  }
  tokens.push({ kind: "end", text: "", line });
  return tokens;
}

function kindOfName(name: string, next: string | undefined): Token["kind"] {
  if (KEYWORDS.has(name)) return "keyword";
  if (BUILTIN_FUNCTIONS.has(name)) return "builtin";
  return next === "(" ? "call" : "name";
}

function endsAValue(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "symbol") return [")", "]", "$", "++", "--"].includes(token.text);
  return ["number", "string", "regex", "name", "builtin"].includes(token.kind);
}

/** A string's escapes; one that is unknown stays as it is, without its backslash. */
export function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (whole, escape: string) => {
    if (escape === "\n") return "";
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
    return ESCAPES[escape] ?? whole;
  });
}
