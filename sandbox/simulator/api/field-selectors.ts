import { badRequest } from "./status";

/** One term of a field selector: equality or its opposite; there is nothing else. */
interface FieldTerm {
  readonly field: string;
  readonly negated: boolean;
  readonly value: string;
}

export type FieldSelector = readonly FieldTerm[];

/** Parses `fieldSelector`: `a=b,c!=d`; backslash escapes `\`, `,` and `=`. Throws a 400 `StatusError`. */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== "")
    .map((term) => {
      const match = /^((?:[^\\=!]|\\.)*)(==|!=|=)(.*)$/s.exec(term);
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      return {
        field: match[1] ?? "",
        negated: match[2] === "!=",
        value: (match[3] ?? "").replace(/\\([\\,=])/g, "$1"),
      };
    });
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = "";
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (letter === "\\" && i + 1 < text.length) term += letter + text.charAt(++i);
    else if (letter === ",") {
      terms.push(term);
      term = "";
    } else term += letter;
  }
  terms.push(term);
  return terms;
}

/** The selector's text with other names for its fields. Throws a 400 for a field that has none. */
export function renameFields(text: string, names: Readonly<Record<string, string>>): string {
  return parseFieldSelector(text)
    .map(({ field, negated, value }) => {
      if (!Object.hasOwn(names, field)) throw badRequest(`field label not supported: ${field}`);
      return `${names[field] ?? ""}${negated ? "!=" : "="}${value.replace(/[\\,=]/g, "\\$&")}`;
    })
    .join(",");
}

export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ field, negated, value }) => ((fields[field] ?? "") === value) !== negated);
}
