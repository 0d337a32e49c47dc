/**
 * Rewrites an expression for our library: `matches` goes to a regular-expression engine that cannot be made to hang (the
 * name has the same length, so that positions stay), and `Object.spec{…}` and `JSONPatch{…}`, which the library does not
 * read, become maps.
 */
export function prepareSource(source: string, isMutation = false): string {
  const tokens = tokenize(source);
  const isCall = (index: number): boolean => tokens.slice(index + 1).find((each) => each.trim() !== "") === "(";
  const renamed = tokens.map((token, index) => (token === "matches" && isCall(index) ? MATCHES : token));
  return isMutation ? withMaps(renamed).join("") : renamed.join("");
}

/** What `matches` is called inside. */
export const MATCHES = "matchRe";

const TOKEN =
  /\/\/[^\n]*|[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|[A-Za-z_][A-Za-z0-9_]*|\s+|[\s\S]/g;

function tokenize(source: string): string[] {
  return source.match(TOKEN) ?? [];
}

/** Typed messages into maps: the type's name goes, and the names of fields become strings. */
function withMaps(tokens: readonly string[]): string[] {
  const result: string[] = [];
  // Whether each open brace belongs to a message.
  const braces: boolean[] = [];
  let pending: number | undefined;
  tokens.forEach((token, index) => {
    const isBlank = token.trim() === "";
    if (token === "{") {
      braces.push(pending !== undefined);
      if (pending !== undefined) result.length = pending;
      pending = undefined;
    } else if (token === "}") braces.pop();
    if ((token === "Object" || token === "JSONPatch") && previous(tokens, index) !== ".") pending = result.length;
    else if (!isBlank && token !== "." && !(pending !== undefined && IDENTIFIER.test(token))) pending = undefined;
    const isField = braces.at(-1) && IDENTIFIER.test(token) && following(tokens, index) === ":";
    const opens = ["{", ","].includes(previous(tokens, index));
    result.push(isField && opens ? JSON.stringify(token) : token);
  });
  return result;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

function previous(tokens: readonly string[], index: number): string {
  return tokens.slice(0, index).findLast((each) => each.trim() !== "") ?? "";
}

function following(tokens: readonly string[], index: number): string {
  return tokens.slice(index + 1).find((each) => each.trim() !== "") ?? "";
}
