import { type Applet, complain, usage } from "./applet";
import { echoText, printfText } from "./format";

/** Tools that print their own arguments. */

const echo: Applet = async (process, call) => {
  await process.print(echoText(call.args, call.flavour === "gnu" ? "gnu" : "ash"));
  return 0;
};

const printf: Applet = async (process, call) => {
  const [format, ...args] = call.args[0] === "--" ? call.args.slice(1) : call.args;
  if (format === undefined) return usage(process, call, "FORMAT [ARG]...");
  const result = printfText(format, args);
  await process.print(result.text);
  for (const word of result.invalid)
    await complain(
      process,
      call,
      call.flavour === "gnu" ? `'${word}': expected a numeric value` : `invalid number '${word}'`,
    );
  return result.invalid.length > 0 || result.badFormat !== undefined ? 1 : 0;
};

export const printApplets: readonly (readonly [string, Applet])[] = [
  ["echo", echo],
  ["printf", printf],
];
