import { type Applet, asByteText, fromBytes, readOptions, toBytes, usage } from "./applet";

export const tr: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "+cCds",
    long: { delete: "d", complement: "c", "squeeze-repeats": "s" },
    usage: "[-cds] STRING1 [STRING2]",
  });
  const [first, second] = options.operands;
  if (first === undefined) return usage(process, call, "[-cds] STRING1 [STRING2]");
  let from = trSet(first);
  if (options.flags.has("c") || options.flags.has("C")) {
    const excluded = new Set(from);
    from = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((char) => !excluded.has(char));
  }
  const to = second === undefined ? [] : trSet(second);
  const deletes = options.flags.has("d");
  const map = new Map(from.map((char, index) => [char, deletes ? "" : (to[index] ?? to.at(-1) ?? char)]));
  const squeezed = new Set(options.flags.has("s") ? (to.length > 0 ? to : from) : []);
  let previous = "";
  for (let chunk = await process.read(); chunk; chunk = await process.read()) {
    let text = "";
    for (const char of fromBytes(chunk)) {
      const mapped = to.length === 0 && !deletes ? char : (map.get(char) ?? char);
      if (mapped === "" || (mapped === previous && squeezed.has(mapped))) continue;
      text += mapped;
      previous = mapped;
    }
    await process.write(1, toBytes(text));
  }
  return 0;
};

function trSet(text: string): string[] {
  const classes: Readonly<Record<string, RegExp>> = {
    lower: /[a-z]/,
    upper: /[A-Z]/,
    alpha: /[A-Za-z]/,
    digit: /[0-9]/,
    alnum: /[A-Za-z0-9]/,
    space: /\s/,
    blank: /[ \t]/,
    punct: /[!-/:-@[-`{-~]/,
  };
  const set: string[] = [];
  const source = asByteText(text).replace(/\\([0-7]{1,3}|.)/g, (_, escape: string) =>
    /^[0-7]/.test(escape)
      ? String.fromCharCode(Number.parseInt(escape, 8))
      : ({ n: "\n", t: "\t", r: "\r", "\\": "\\" }[escape] ?? escape),
  );
  for (let at = 0; at < source.length; at++) {
    const named = /^\[:(\w+):\]/.exec(source.slice(at));
    const known = named && classes[named[1] ?? ""];
    if (named && known) {
      for (let code = 0; code < 128; code++)
        if (known.test(String.fromCharCode(code))) set.push(String.fromCharCode(code));
      at += named[0].length - 1;
    } else if (source[at + 1] === "-" && source[at + 2] !== undefined) {
      for (let code = source.charCodeAt(at); code <= source.charCodeAt(at + 2); code++)
        set.push(String.fromCharCode(code));
      at += 2;
    } else set.push(source[at] ?? "");
  }
  return set;
}
