import type { PatternText } from "./pattern";

/** A stretch of expanded text. `split` marks what fields are made of; `break` separates the words of "$@". */
export type Piece = { kind: "text"; text: string; quoted: boolean; split: boolean } | { kind: "break" };

/** Unquoted text that is not split. */
export function plain(text: string): Piece {
  return { kind: "text", text, quoted: false, split: false };
}

/** Splits at IFS where `split` allows it. Each field keeps which of its text was quoted. */
export function splitFields(pieces: readonly Piece[], ifs: string): PatternText[][] {
  const fields: PatternText[][] = [];
  let field: PatternText[] | undefined;
  const close = (): void => {
    if (field) fields.push(field);
    field = undefined;
  };
  for (const piece of pieces) {
    if (piece.kind === "break") close();
    else if (!piece.split) (field ??= []).push({ text: piece.text, quoted: piece.quoted });
    else {
      let current = "";
      for (let at = 0; at < piece.text.length; at++) {
        const char = piece.text[at] ?? "";
        if (!ifs.includes(char)) {
          current += char;
          continue;
        }
        if (current) (field ??= []).push({ text: current, quoted: false });
        current = "";
        if (/\s/.test(char)) close();
        else {
          // A separator that is not blank ends a field even when that is empty.
          field ??= [];
          close();
        }
        // Blanks around it belong to it.
        if (/\s/.test(char)) {
          let next = at;
          while (
            next + 1 < piece.text.length &&
            ifs.includes(piece.text[next + 1] ?? "") &&
            /\s/.test(piece.text[next + 1] ?? "")
          )
            next++;
          const follower = piece.text[next + 1] ?? "";
          if (follower && ifs.includes(follower) && !/\s/.test(follower) && fields.length > 0) next++;
          at = next;
        }
        while (
          at + 1 < piece.text.length &&
          ifs.includes(piece.text[at + 1] ?? "") &&
          /\s/.test(piece.text[at + 1] ?? "")
        )
          at++;
      }
      if (current) (field ??= []).push({ text: current, quoted: false });
    }
  }
  close();
  return fields;
}

export function textOf(field: readonly PatternText[]): string {
  return field.map(({ text }) => text).join("");
}
