import type { SyntaxProblem } from "./parse";
import type { ShellState } from "./state";

/** Where a message comes from: the builtin that complains, and the line it is on. */
export interface Place {
  readonly command?: string;
  readonly line: number;
}

/** A complaint in the form that each shell gives it, without the line break. */
export function complaint(state: ShellState, place: Place, text: string): string {
  const command = place.command && place.command !== state.messageName ? `${place.command}: ` : "";
  switch (state.dialect) {
    case "ash":
      return `${state.messageName}: ${command && (state.options.interactive ? command : `${command}line ${place.line}: `)}${text}`;
    case "dash":
      return `${state.messageName}: ${place.line}: ${command}${text}`;
    case "bash":
      return `${state.messageName}: ${state.options.interactive ? "" : `line ${place.line}: `}${command}${text}`;
  }
}

export function syntaxComplaint(state: ShellState, problem: SyntaxProblem): string {
  switch (state.dialect) {
    case "ash": {
      const text = problem.kind === "unexpected" ? unexpectedAsh(problem) : OPEN_ASH[problem.kind];
      return `${state.messageName}: syntax error: ${text}`;
    }
    case "dash": {
      const text =
        problem.kind !== "unexpected"
          ? OPEN_DASH[problem.kind]
          : `${quoted(problem.token)} unexpected${problem.expecting ? ` (expecting "${problem.expecting}")` : ""}`;
      return `${state.messageName}: ${problem.line}: Syntax error: ${text}`;
    }
    case "bash": {
      const where = state.options.interactive ? "" : `line ${problem.line}: `;
      if (problem.kind !== "unexpected")
        return `${state.messageName}: ${where}unexpected EOF while looking for matching \`${problem.kind === "unterminated quote" ? '"' : "`"}'`;
      if (problem.token === "end of file") return `${state.messageName}: ${where}syntax error: unexpected end of file`;
      return `${state.messageName}: ${where}syntax error near unexpected token \`${problem.token}'`;
    }
  }
}

const OPEN_ASH = {
  "unterminated quote": "unterminated quoted string",
  "unterminated backquote": "EOF in backquote substitution",
};
const OPEN_DASH = {
  "unterminated quote": "Unterminated quoted string",
  "unterminated backquote": "EOF in backquote substitution",
};

function unexpectedAsh(problem: Extract<SyntaxProblem, { kind: "unexpected" }>): string {
  return `unexpected ${quoted(problem.token)}${problem.expecting ? ` (expecting "${problem.expecting}")` : ""}`;
}

function quoted(token: string): string {
  return token === "end of file" || token === "newline" ? token : `"${token}"`;
}
