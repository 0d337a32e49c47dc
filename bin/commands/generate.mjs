import { ensureDependencies, ensureGenerated } from "../setup.mjs";

/** `slipway generate` makes what is not kept in git; the committed schema files are made by schema/generate/*.mjs. */
export async function run() {
  await ensureDependencies();
  await ensureGenerated();
}
