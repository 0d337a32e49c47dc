import { type Applet, inputs, readOptions } from "./applet";

export const wc: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "lwcmL",
    long: { lines: "l", words: "w", bytes: "c", chars: "m" },
    usage: "[-cmlwL] [FILE]...",
  });
  const shown = ["l", "w", "m", "c"].filter((letter) => options.flags.has(letter));
  const columns = shown.length > 0 ? shown : ["l", "w", "c"];
  const total: Record<string, number> = { l: 0, w: 0, m: 0, c: 0 };
  const rows: { counts: Record<string, number>; name: string }[] = [];
  let status = 0;
  for await (const input of inputs(process, call, options.operands)) {
    if (!input) {
      status = 1;
      continue;
    }
    const counts: Record<string, number> = { l: 0, w: 0, m: 0, c: 0 };
    let inWord = false;
    for await (const chunk of input.chunks) {
      counts.c = (counts.c ?? 0) + chunk.byteLength;
      for (const byte of chunk) {
        if (byte === 0x0a) counts.l = (counts.l ?? 0) + 1;
        if ((byte & 0xc0) !== 0x80) counts.m = (counts.m ?? 0) + 1;
        const blank = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
        if (!blank && !inWord) counts.w = (counts.w ?? 0) + 1;
        inWord = !blank;
      }
    }
    for (const letter of Object.keys(total)) total[letter] = (total[letter] ?? 0) + (counts[letter] ?? 0);
    rows.push({ counts, name: options.operands.length > 0 ? input.name : "" });
  }
  if (options.operands.length > 1) rows.push({ counts: total, name: "total" });
  const gnuWidth =
    options.operands.length === 0 && columns.length > 1
      ? 7
      : Math.max(...columns.map((letter) => String(total[letter] ?? 0).length));
  for (const { counts, name } of rows) {
    const numbers = columns.map((letter) => String(counts[letter] ?? 0));
    const line =
      call.flavour === "gnu"
        ? numbers.map((text) => text.padStart(rows.length === 1 && columns.length === 1 ? 0 : gnuWidth)).join(" ")
        : numbers.length === 1 && rows.length === 1
          ? numbers[0]
          : numbers.map((text) => text.padStart(9)).join(" ");
    await process.print(`${line}${name ? ` ${name}` : ""}\n`);
  }
  return status;
};
