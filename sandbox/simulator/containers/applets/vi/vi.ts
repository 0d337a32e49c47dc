import { FileError } from "../../filesystem/file-error";
import type { Process } from "../../processes/process";
import { type Applet, complain, readOptions } from "../applet";
import { ScreenKeys } from "../screen/keys";
import { drawScreen } from "./screen";
import { Editor, type EditorFiles } from "./editor";
import { runExCommand } from "./ex-commands";

const USAGE = `[-c CMD] [-R] [-H] [FILE]...

Edit FILE

	-c CMD	Initial command to run ($EXINIT and ~/.exrc also available)
	-R	Read-only
	-H	List available features`;

const FEATURES = `These features are available:
	Pattern searches with / and ?
	Last command repeat with .
	Line marking with 'x
	Named buffers with "x
	Some colon mode commands with :
	Settable options with ":set"
	Signal catching- ^C
	Adapt to window re-sizes
`;

/** vi, one file after the other, on a terminal. */
export const vi: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "c:RHh", usage: USAGE });
  if (options.flags.has("H")) {
    await process.print(FEATURES);
    return 0;
  }
  const { terminal } = process;
  if (!terminal) {
    await complain(process, call, "can't edit without a terminal");
    return 1;
  }
  const files = editorFiles(process);
  const keys = new ScreenKeys(process, terminal);
  // A screen of its own, so that what was there before comes back.
  await process.print("\x1b[?1049h");
  try {
    for (const path of options.operands.length > 0 ? options.operands : [undefined]) {
      const editor = openEditor(files, path, options.flags.has("R") || call.name === "view");
      for (const [name, command] of options.all) if (name === "c") runExCommand(editor, command);
      while (editor.exit === undefined) {
        if (!keys.hasMore) await process.print(drawScreen(editor, terminal.size));
        const key = await keys.next();
        if (key === undefined) return 1;
        editor.key(key);
      }
      if (editor.exit !== 0) return editor.exit;
    }
    return 0;
  } finally {
    keys.restore();
    await process.print(`\x1b[${terminal.size.rows};1H\x1b[K\x1b[?1049l`);
  }
};

function openEditor(files: EditorFiles, path: string | undefined, isReadOnly: boolean): Editor {
  if (path === undefined) return new Editor(files, undefined, "", isReadOnly);
  try {
    return new Editor(files, path, files.read(path), isReadOnly);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const editor = new Editor(files, path, "", isReadOnly);
    if (error.code !== "ENOENT") editor.fail(`'${path}' ${error.message}`);
    return editor;
  }
}

function editorFiles(process: Process): EditorFiles {
  const { fileSystem } = process.machine;
  return {
    read: (path) => {
      if (fileSystem.isDirectory(process, path)) throw new FileError("EISDIR", path);
      return new TextDecoder().decode(fileSystem.readFile(process, path));
    },
    write: (path, text) => fileSystem.writeFile(process, path, new TextEncoder().encode(text)),
  };
}
