import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../build.mjs";
import { ensureDependencies, ensureGenerated } from "../setup.mjs";
import { root } from "../state.mjs";

/**
 * `slipway generate` makes what is not kept in git, and docs/supported.md, which is; the committed schema files are made
 * by schema/generate/*.mjs.
 */
export async function run() {
  await ensureDependencies();
  await ensureGenerated();
  const { SUPPORTED_PAGE, supportedPage } = await import(pathToFileURL(await bundle("supported")).href);
  writeFileSync(join(root, SUPPORTED_PAGE), await supportedPage(root));
}
