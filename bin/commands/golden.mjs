// Compares the simulated cluster with recordings of a real one, which live beside the project and are not part of it.
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { bundle } from "../build.mjs";
import { root } from "../state.mjs";
import { toolPath } from "../tools.mjs";

/** @param {string[]} argv Flags of the recordings' own checker: --only, --verbose, --json, … */
export async function run(argv) {
  const shared = resolve(process.env.SLIPWAY_SHARED ?? join(root, "../shared"));
  const checker = join(shared, "golden/check.mjs");
  if (!existsSync(checker)) {
    console.log(`golden: skipped, there are no recordings at ${join(shared, "golden")} (SLIPWAY_SHARED says where)`);
    console.log("0 passed, 0 failed, 1 skipped");
    return 0;
  }
  await bundle("sim");
  const [kubectl, helm] = await Promise.all([toolPath("kubectl"), toolPath("helm")]);
  const start = `exec '${process.execPath}' '${join(root, "bin/slipway.mjs")}' sim --kubeconfig "$GOLDEN_DIR/kubeconfig"`;
  const jobs = argv.includes("--jobs") ? [] : ["--jobs", "2"];
  const args = [checker, "--start", start, ...jobs, "--kubectl", kubectl, "--helm", helm, ...argv];
  const child = spawn(process.execPath, [...args, join(shared, "golden/open")], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code) => done(code ?? 1));
  });
}
