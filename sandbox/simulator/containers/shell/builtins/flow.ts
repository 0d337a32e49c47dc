import { FileError } from "../../filesystem/file-error";
import { resolvePath } from "../../filesystem/path";
import { ProcessExit } from "../../processes/program";
import { FunctionReturn, LoopJump } from "../control";
import type { Shell } from "../shell";
import type { Builtin } from "./builtin";

export const colon: Builtin = () => Promise.resolve(0);

export const evaluate: Builtin = (shell, args) =>
  args.length > 0 ? shell.runText(args.join(" "), shell.line) : Promise.resolve(0);

export const source: Builtin = async (shell, args, name) => {
  const [path] = args;
  if (path === undefined) return shell.state.dialect === "ash" ? shell.fail("filename argument required", name) : 0;
  const { fileSystem } = shell.process.machine;
  const found = path.includes("/") ? path : (findReadable(shell, path) ?? path);
  let text: string;
  try {
    text = fileSystem.readText(shell.process, found);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (shell.state.dialect === "bash") {
      await shell.complain(`${path}: ${error.message}`);
      return 1;
    }
    return shell.fail(
      shell.state.dialect === "ash"
        ? `can't open '${path}': ${error.message}`
        : `cannot open ${path}: ${error.code === "ENOENT" ? "No such file" : error.message}`,
      name,
    );
  }
  const { positional } = shell.state;
  if (args.length > 1 && shell.state.dialect !== "dash") shell.state.positional = args.slice(1);
  try {
    return await shell.runText(text, 1);
  } catch (error) {
    if (error instanceof FunctionReturn) return error.status;
    throw error;
  } finally {
    shell.state.positional = positional;
  }
};

function findReadable(shell: Shell, name: string): string | undefined {
  for (const folder of (shell.get("PATH") ?? "").split(":")) {
    const path = resolvePath(shell.process.cwd, `${folder || "."}/${name}`);
    if (shell.process.machine.fileSystem.find(shell.process, path)?.kind === "file") return path;
  }
  return undefined;
}

export const jump =
  (kind: "break" | "continue"): Builtin =>
  (shell, args) => {
    const levels = Number(args[0] ?? 1);
    if (!Number.isInteger(levels) || levels < 1)
      return shell.fail(shell.state.dialect === "ash" ? "bad number" : `Illegal number: ${args[0] ?? ""}`, kind);
    if (shell.state.loopDepth === 0) return Promise.resolve(0);
    throw new LoopJump(kind, levels);
  };

export const exit: Builtin = async (shell, args) => {
  if (args[0] === undefined) throw new ProcessExit(shell.state.lastStatus);
  if (!/^\d+$/.test(args[0])) await shell.fail(`Illegal number: ${args[0]}`, "exit");
  throw new ProcessExit(Number(args[0]) & 0xff);
};

export const returnFrom: Builtin = async (shell, args) => {
  if (args[0] !== undefined && !/^\d+$/.test(args[0])) await shell.fail(`Illegal number: ${args[0]}`, "return");
  // dash keeps what does not fit into a byte.
  const status = args[0] === undefined ? shell.state.lastStatus : Number(args[0]);
  throw new FunctionReturn(shell.state.dialect === "dash" ? status : status & 0xff);
};
