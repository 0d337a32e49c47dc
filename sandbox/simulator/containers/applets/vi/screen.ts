import type { TerminalSize } from "../../../api/node-api";
import type { Editor } from "./editor";

const TAB = 8;

/** The whole screen as the terminal is told to draw it: the text, `~` below it, and a last line that tells how things are. */
export function drawScreen(editor: Editor, size: TerminalSize): string {
  const rows = Math.max(1, size.rows - 1);
  const { window, cursor, buffer } = editor;
  window.rows = rows;
  if (cursor.row < window.top) window.top = cursor.row;
  else if (cursor.row >= window.top + rows) window.top = cursor.row - rows + 1;
  const gutter = editor.showsNumbers ? Math.max(3, String(buffer.lines.length).length) + 1 : 0;
  const width = Math.max(1, size.columns - gutter);
  const column = widthOf(buffer.line(cursor.row).slice(0, cursor.column));
  const shift = Math.max(0, column - width + 1);
  const lines = Array.from({ length: rows }, (_, at) => {
    const row = window.top + at;
    if (row >= buffer.lines.length) return "~";
    const number = gutter > 0 ? `${String(row + 1).padStart(gutter - 1)} ` : "";
    return number + shown(buffer.line(row)).slice(shift, shift + width);
  });
  const text = lines.map((line, at) => `\x1b[${at + 1};1H\x1b[K${line}`).join("");
  const status = statusLine(editor).slice(0, size.columns - 1);
  const marked = editor.message?.isError ? `\x1b[7m${status}\x1b[m` : status;
  const isTyping = editor.mode.kind === "line";
  const place = isTyping
    ? `\x1b[${rows + 1};${status.length + 1}H`
    : `\x1b[${cursor.row - window.top + 1};${gutter + column - shift + 1}H`;
  return `\x1b[?25l${text}\x1b[${rows + 1};1H\x1b[K${marked}${place}\x1b[?25h`;
}

/** `- name [Modified] 3/10 30%`, or what the editor has to say. */
function statusLine(editor: Editor): string {
  if (editor.mode.kind === "line") return editor.mode.prompt + editor.mode.text;
  if (editor.message) return editor.message.text;
  const mode = editor.mode.kind === "normal" ? "-" : editor.mode.replaces ? "R" : "I";
  const row = editor.cursor.row + 1;
  const total = editor.buffer.lines.length;
  const marks = `${editor.isReadOnly ? " [Readonly]" : ""}${editor.buffer.isModified ? " [Modified]" : ""}`;
  return `${mode} ${editor.path ?? "No file"}${marks} ${row}/${total} ${Math.floor((100 * row) / total)}%`;
}

/** Tabs as blanks, control characters as `^A`. */
function shown(line: string): string {
  let text = "";
  for (const char of line)
    text +=
      char === "\t"
        ? " ".repeat(TAB - (text.length % TAB))
        : char < " "
          ? `^${String.fromCharCode(char.charCodeAt(0) + 64)}`
          : char;
  return text;
}

function widthOf(part: string): number {
  return shown(part).length;
}
