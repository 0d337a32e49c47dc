import { FileError } from "../../filesystem/file-error";
import type { Process } from "../../processes/process";
import { asByteText, type Applet, complain, fromBytes, readOptions, toBytes, usage } from "../applet";
import { RegexError } from "../regex";
import { AwkInterpreter } from "./interpreter";
import { assignedValue, InputError, MainInput } from "./main-input";
import { parseAwk } from "./parser";
import { Streams } from "./streams";
import { AwkSyntaxError, unescape } from "./tokens";
import { AwkRuntimeError } from "./variables";

const RANDOM_STEPS = 2 ** 30;
const USAGE = "[-F SEP] [-v VAR=VALUE] [-f FILE]... [PROGRAM] [FILE]...";

/** `awk`: the language of POSIX, with the functions busybox adds. */
export const awk: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "+F:v:f:", usage: USAGE });
  const files = options.all.filter(([name]) => name === "f").map(([, path]) => path);
  const [program] = options.operands;
  if (files.length === 0 && program === undefined) return usage(process, call, USAGE);
  const operands = files.length > 0 ? options.operands : options.operands.slice(1);
  const streams = new Streams(process);
  const input = new MainInput(process, operands);
  try {
    const source = files.length > 0 ? await readPrograms(process, files) : asByteText(program ?? "");
    const interpreter = new AwkInterpreter(
      parseAwk(source),
      {
        streams,
        now: () => process.clock.now(),
        random: () => process.machine.random.below(RANDOM_STEPS) / RANDOM_STEPS,
        print: (text) => process.write(1, toBytes(text)),
        step: () => process.step(),
      },
      input,
    );
    const separator = options.values.get("F");
    if (separator !== undefined)
      interpreter.variables.set("FS", separator === "t" ? "\t" : unescape(asByteText(separator)));
    for (const [name, text] of options.all) {
      if (name !== "v") continue;
      const equals = text.indexOf("=");
      if (equals < 1) return await usage(process, call, USAGE);
      interpreter.variables.set(text.slice(0, equals), assignedValue(text.slice(equals + 1)));
    }
    const environment = interpreter.variables.array("ENVIRON");
    for (const [name, value] of process.env) environment.set(name, asByteText(value));
    const argv = [call.name, ...operands];
    for (const [index, word] of argv.entries())
      interpreter.variables.array("ARGV").set(String(index), asByteText(word));
    interpreter.variables.set("ARGC", argv.length);
    const status = await interpreter.run();
    await streams.closeAll();
    return status;
  } catch (error) {
    const text = describeFailure(error);
    if (text === undefined) throw error;
    await complain(process, call, text);
    return 1;
  } finally {
    await input.skipFile();
  }
};

function describeFailure(error: unknown): string | undefined {
  if (error instanceof AwkSyntaxError || error instanceof InputError) return error.message;
  if (error instanceof AwkRuntimeError) return `cmd. line:1: ${error.message}`;
  if (error instanceof RegexError) return `bad regex: ${error.message}`;
  if (error instanceof FileError && error.code === "ENOMEM") return error.message;
  if (error instanceof FileError) return `can't open '${error.path}': ${error.message}`;
  return undefined;
}

async function readPrograms(process: Process, paths: readonly string[]): Promise<string> {
  let source = "";
  for (const path of paths) {
    const file = process.machine.fileSystem.open(process, path, { read: true });
    try {
      for (let chunk = await file.read(65_536, process); chunk; chunk = await file.read(65_536, process))
        source += fromBytes(chunk);
    } finally {
      file.release();
    }
    source += "\n";
  }
  return source;
}
