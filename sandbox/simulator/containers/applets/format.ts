/** `echo`'s and `printf`'s texts: shared by the shell's builtins and the programs of that name. */

/** What `echo` prints. `ash` and `gnu` know -n, -e and -E; `dash` only -n, and always reads escapes. */
export function echoText(words: readonly string[], flavour: "ash" | "dash" | "gnu"): string {
  let newline = true;
  let escapes = flavour === "dash";
  let at = 0;
  const option = flavour === "dash" ? /^-n$/ : /^-[neE]+$/;
  for (; option.test(words[at] ?? "") && (flavour !== "dash" || at === 0); at++) {
    for (const letter of (words[at] ?? "").slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  }
  const text = words.slice(at).join(" ");
  if (!escapes) return text + (newline ? "\n" : "");
  const { text: shown, stopped } = readEscapes(text, true);
  return shown + (newline && !stopped ? "\n" : "");
}

export interface PrintfResult {
  readonly text: string;
  /** Arguments that are not the numbers they should be. */
  readonly invalid: readonly string[];
  /** A conversion that does not exist. */
  readonly badFormat?: string;
}

/** What `printf` prints; the format is used again while arguments are left. */
export function printfText(format: string, args: readonly string[]): PrintfResult {
  const invalid: string[] = [];
  let text = "";
  let next = 0;
  let stopped = false;
  do {
    const start = next;
    for (let at = 0; at < format.length && !stopped;) {
      const char = format[at] ?? "";
      if (char === "\\") {
        const escape = /^\\(?:0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S]?)/.exec(format.slice(at))?.[0] ?? "\\";
        const read = readEscapes(escape, false);
        text += read.text;
        stopped = read.stopped;
        at += escape.length;
      } else if (char !== "%") {
        text += char;
        at++;
      } else if (format[at + 1] === "%") {
        text += "%";
        at += 2;
      } else {
        const match = /^%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:[hlLqjzt]*)([diouxXeEfFgGcsbaA])/.exec(format.slice(at));
        if (!match) return { text, invalid, badFormat: format.slice(at, at + 2) };
        const [whole, flags = "", widthText, precisionText, conversion = "s"] = match;
        const width = widthText === "*" ? Number(args[next++] ?? 0) : Number(widthText ?? 0);
        const precision =
          precisionText === undefined
            ? undefined
            : precisionText === "*"
              ? Number(args[next++] ?? 0)
              : Number(precisionText || 0);
        const argument = args[next++];
        const converted = convert(conversion, argument, precision, flags, invalid);
        text += pad(converted.text, width, flags, conversion);
        stopped = converted.stopped;
        at += whole.length;
      }
    }
    if (next === start) break;
  } while (next < args.length && !stopped);
  return { text, invalid };
}

function convert(
  conversion: string,
  argument: string | undefined,
  precision: number | undefined,
  flags: string,
  invalid: string[],
): { text: string; stopped: boolean } {
  switch (conversion) {
    case "s":
      return {
        text: Array.from(argument ?? "")
          .slice(0, precision)
          .join(""),
        stopped: false,
      };
    case "b": {
      const read = readEscapes(argument ?? "", true);
      return { text: read.text, stopped: read.stopped };
    }
    case "c":
      return { text: Array.from(argument ?? "")[0] ?? "", stopped: false };
    case "e":
    case "E":
    case "f":
    case "F":
    case "g":
    case "G":
      return { text: floatArgument(conversion, argument, precision ?? 6, invalid), stopped: false };
  }
  const value = integer(argument, invalid);
  const base = { o: 8, x: 16, X: 16 }[conversion] ?? 10;
  const magnitude =
    conversion === "d" || conversion === "i" ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  let digits = magnitude.toString(base).padStart(precision ?? 1, "0");
  if (conversion === "X") digits = digits.toUpperCase();
  if (flags.includes("#") && magnitude !== 0n) digits = ({ o: "0", x: "0x", X: "0X" }[conversion] ?? "") + digits;
  const sign =
    conversion === "d" || conversion === "i"
      ? value < 0n
        ? "-"
        : flags.includes("+")
          ? "+"
          : flags.includes(" ")
            ? " "
            : ""
      : "";
  return { text: sign + digits, stopped: false };
}

function integer(text: string | undefined, invalid: string[]): bigint {
  if (text === undefined || text === "") return 0n;
  if (/^['"]/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  if (!match || match[0].length < text.length) invalid.push(text);
  if (!match) return 0n;
  const digits = match[2] ?? "0";
  const value = /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return match[1] === "-" ? -value : value;
}

function floatArgument(conversion: string, argument: string | undefined, precision: number, invalid: string[]): string {
  const value = Number(argument ?? 0);
  if (Number.isNaN(value)) invalid.push(argument ?? "");
  return floatText(conversion, Number.isNaN(value) ? 0 : value, Math.min(precision, 100));
}

/** `%e`, `%f`, `%g` of a number. */
export function floatText(conversion: string, value: number, precision: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const twoDigits = (text: string): string => text.replace(/e([+-])(\d)$/, "e$10$2");
  let text: string;
  if (conversion === "f" || conversion === "F") text = value.toFixed(precision);
  else if (conversion === "e" || conversion === "E") text = twoDigits(value.toExponential(precision));
  else {
    const significant = precision || 1;
    const power = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
    const shown =
      power < -4 || power >= significant
        ? twoDigits(value.toExponential(significant - 1))
        : value.toFixed(significant - 1 - power);
    text = shown.includes("e")
      ? shown.replace(/\.?0+e/, "e").replace(/(\.\d*?)0+e/, "$1e")
      : shown.includes(".")
        ? shown.replace(/\.?0+$/, "")
        : shown;
  }
  return conversion === conversion.toUpperCase() ? text.toUpperCase() : text;
}

export function pad(text: string, width: number, flags: string, conversion: string): string {
  const size = Math.min(Math.abs(width), 10_000);
  if (flags.includes("-") || width < 0) return text.padEnd(size);
  if (!flags.includes("0") || /[sbc]/.test(conversion)) return text.padStart(size);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(size - sign.length, "0");
}

/** Backslash escapes as echo and %b read them; `\c` ends all output. */
export function readEscapes(text: string, leadingZero: boolean): { text: string; stopped: boolean } {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    const next = text[at + 1];
    if (char !== "\\" || next === undefined) {
      result += char;
      continue;
    }
    at++;
    const simple = SIMPLE_ESCAPES[next];
    const octal = (leadingZero ? /^0[0-7]{0,3}/ : /^[0-7]{1,3}/).exec(text.slice(at))?.[0];
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(text.slice(at));
    if (next === "c") return { text: result, stopped: true };
    if (simple !== undefined) result += simple;
    else if (octal) {
      result += String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      at += octal.length - 1;
    } else if (hex) {
      result += String.fromCharCode(Number.parseInt(hex[1] ?? "0", 16));
      at += hex[0].length - 1;
    } else result += `\\${next}`;
  }
  return { text: result, stopped: false };
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};
