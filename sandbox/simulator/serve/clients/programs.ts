import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SLIPWAY = fileURLToPath(new URL("../../../../bin/slipway.mjs", import.meta.url));

/** The absolute path of the project's own kubectl or helm. */
export function ownProgram(name: "kubectl" | "helm"): string {
  return execFileSync(process.execPath, [SLIPWAY, "tool", name], { encoding: "utf8" }).trim();
}

/** `kubectl.1.31` beside the kubectl that PATH finds, its links followed; otherwise where it was looked for. */
export function olderKubectl(version: string): { readonly path: string } | { readonly missing: string } {
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "kubectl"))
    .find((path) => existsSync(path));
  if (!onPath) return { missing: "there is no kubectl on PATH" };
  const folder = dirname(realpathSync(onPath));
  const path = join(folder, `kubectl.${version}`);
  return existsSync(path) ? { path } : { missing: `there is no kubectl.${version} in ${folder}` };
}
