import { type Applet, attempt, readOptions } from "./applet";

export const tee: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "ai", long: { append: "a" }, usage: "[-ai] [FILE]..." });
  let status = 0;
  const files = [];
  for (const path of options.operands) {
    const file = await attempt(
      process,
      call,
      () =>
        process.machine.fileSystem.open(process, path, {
          write: true,
          create: true,
          append: options.flags.has("a"),
          truncate: !options.flags.has("a"),
        }),
      (error) => `${path}: ${error.message}`,
    );
    if (file) files.push(file);
    else status = 1;
  }
  for (let chunk = await process.read(); chunk; chunk = await process.read()) {
    await process.write(1, chunk);
    for (const file of files) await file.write(chunk, process);
  }
  for (const file of files) file.release();
  return status;
};
