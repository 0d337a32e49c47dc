import { baseName, dirName } from "../filesystem/path";
import { type Applet, complain, usage } from "./applet";

/** Tools that take a path apart, without looking at the file. */

const basename: Applet = async (process, call) => {
  const [path, suffix] = call.args[0] === "--" ? call.args.slice(1) : call.args;
  if (path === undefined)
    return (
      call.flavour === "gnu" ? await complain(process, call, "missing operand") : undefined,
      usage(process, call, "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...")
    );
  const name = baseName(path);
  await process.print(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
  return 0;
};

const dirname: Applet = async (process, call) => {
  if (call.args.length === 0)
    return (
      call.flavour === "gnu" ? await complain(process, call, "missing operand") : undefined,
      usage(process, call, "FILENAME")
    );
  for (const path of call.args) await process.print(`${dirName(path)}\n`);
  return 0;
};

export const pathNameApplets: readonly (readonly [string, Applet])[] = [
  ["basename", basename],
  ["dirname", dirname],
];
