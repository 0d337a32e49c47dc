import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RunCommand } from "../run-command";
import type { Tools } from "./bundle";

/**
 * The folder with the bash completions of these very binaries, made once and kept. Asking kubectl for its completion
 * at each login would cost half of the time to the prompt.
 */
export async function ensureCompletions(
  cacheDir: string,
  tools: Tools,
  run: RunCommand,
  onMake: () => void,
): Promise<string> {
  const path = join(cacheDir, "completions", await fingerprint(tools));
  if (await isThere(path)) return path;
  onMake();
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const making = await mkdtemp(join(dirname(path), ".making-"));
  try {
    for (const [name, binary] of Object.entries(tools)) {
      if (typeof binary !== "string") continue;
      const text = await run(binary, ["completion", "bash"], {
        env: { HOME: "/nonexistent", PATH: "/usr/bin" },
        timeoutMs: 60_000,
      });
      await writeFile(join(making, name), text);
      // Read by learners, whatever the mask here.
      await chmod(join(making, name), 0o644);
    }
    await rename(making, path).catch(async (error: unknown) => {
      if (!(await isThere(path))) throw error;
    });
    return path;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function fingerprint(tools: Tools): Promise<string> {
  const hash = createHash("sha256");
  for (const binary of [tools.kubectl, tools.helm]) {
    if (binary === undefined) continue;
    const { size, mtimeMs } = await stat(binary);
    hash.update(`${binary}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
