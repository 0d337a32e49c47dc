import { ensureDependencies } from "../setup.mjs";
import { toolPath } from "../tools.mjs";

/** `slipway tool kubectl|helm` prints the absolute path of the one this project uses. */
export async function run([name]) {
  await ensureDependencies();
  console.log(await toolPath(name));
}
