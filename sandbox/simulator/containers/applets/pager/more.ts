import type { Process } from "../../processes/process";
import { type Applet, fromBytes, inputs, readOptions, toBytes } from "../applet";
import { KEY, ScreenKeys } from "../screen/keys";

/** more: a screenful at a time, on a terminal; elsewhere all at once. */
export const more: Applet = async (process, call) => {
  const options = await readOptions(process, call, {
    letters: "dlfcsun:",
    usage: "[FILE]...\n\nView FILE (or stdin) one screenful at a time",
  });
  const { terminal } = process;
  const screen = process.descriptor(1)?.terminal;
  if (!terminal || !screen) return copyAll(process, call, options.operands);
  const keys = new ScreenKeys(process, terminal);
  let status = 0;
  try {
    for await (const input of inputs(process, call, options.operands)) {
      if (!input) {
        status = 1;
        continue;
      }
      const node = input.name === "-" ? undefined : process.machine.fileSystem.find(process, input.name);
      const size = node?.kind === "file" ? node.content().byteLength : 0;
      let room = screen.size.rows - 1;
      let column = 0;
      let seen = 0;
      for await (const chunk of input.chunks) {
        let shown = "";
        for (const char of fromBytes(chunk)) {
          if (room <= 0) {
            await process.write(1, toBytes(shown));
            shown = "";
            const next = await ask(
              process,
              keys,
              size > 0 ? `--More-- (${Math.floor((100 * seen) / size)}% of ${size} bytes)` : "--More-- ",
            );
            if (next === "quit") return status;
            room = next === "line" ? 1 : screen.size.rows - 1;
          }
          shown += char;
          seen++;
          column = char === "\n" ? 0 : column + 1;
          if (char === "\n" || column === screen.size.columns) {
            column = 0;
            room--;
          }
        }
        await process.write(1, toBytes(shown));
      }
    }
    return status;
  } finally {
    keys.restore();
  }
};

async function ask(process: Process, keys: ScreenKeys, prompt: string): Promise<"page" | "line" | "quit"> {
  await process.print(prompt);
  try {
    for (;;) {
      const key = await keys.next();
      if (key === undefined || key === "q" || key === "Q" || key === "\x03") return "quit";
      if (key === " " || key === KEY.pageDown) return "page";
      if (key === KEY.enter || key === KEY.down) return "line";
    }
  } finally {
    await process.print(`\r${" ".repeat(prompt.length)}\r`);
  }
}

export async function copyAll(
  process: Process,
  call: Parameters<Applet>[1],
  operands: readonly string[],
): Promise<number> {
  let status = 0;
  for await (const input of inputs(process, call, operands)) {
    if (input) for await (const chunk of input.chunks) await process.write(1, chunk);
    else status = 1;
  }
  return status;
}
