import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** By rename: whoever waits for the file never reads half of it. It holds a key, so only its owner may read it. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, text, { mode: 0o600 });
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
