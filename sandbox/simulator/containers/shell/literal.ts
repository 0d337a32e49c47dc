import { plain, type Piece } from "./pieces";
import type { Expander } from "./expander";

/** Unquoted source text: backslashes quote, a leading tilde is a home. */
export function addLiteral(shell: Expander, text: string, pieces: Piece[], first: boolean, assignment: boolean): void {
  let rest = text;
  const tilde = first || assignment ? /^~([A-Za-z_][\w.-]*)?(?=\/|$|:)/.exec(rest) : undefined;
  if (tilde && (first || pieces.length === 0)) {
    const home = homeOf(shell, tilde[1]);
    if (home !== undefined) {
      pieces.push({ kind: "text", text: home, quoted: true, split: false });
      rest = rest.slice(tilde[0].length);
    }
  }
  let plainText = "";
  for (let at = 0; at < rest.length; at++) {
    const char = rest[at] ?? "";
    if (char === "\\" && at + 1 < rest.length) {
      if (plainText) pieces.push(plain(plainText));
      plainText = "";
      const next = rest[++at] ?? "";
      if (next !== "\n") pieces.push({ kind: "text", text: next, quoted: true, split: false });
    } else if (assignment && char === ":" && rest[at + 1] === "~") {
      pieces.push(plain(`${plainText}:`));
      addLiteral(shell, rest.slice(at + 1), pieces, true, true);
      return;
    } else plainText += char;
  }
  if (plainText) pieces.push(plain(plainText));
}

function homeOf(shell: Expander, user: string | undefined): string | undefined {
  if (user === undefined) return shell.get("HOME");
  try {
    const lines = shell.process.machine.fileSystem.readText(shell.process, "/etc/passwd").split("\n");
    return lines.find((line) => line.startsWith(`${user}:`))?.split(":")[5];
  } catch {
    // No /etc/passwd: the tilde stays.
    return undefined;
  }
}
