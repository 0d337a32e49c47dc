// Compares the simulated cluster with recordings of a real one, which live beside the project and are not part of it.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "../build.mjs";
import { Failure } from "../failure.mjs";
import { countGoldens } from "../golden-accidents.mjs";
import { root } from "../state.mjs";
import { toolPath } from "../tools.mjs";

/** Looks at a pod that is about to start: beside other scenarios kubectl is slower than the pod. */
const HURRIED = "seeds/loadbalancer";

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
  // A scenario waits half its time: two of them keep a core busy.
  const jobs = argv.includes("--jobs") ? [] : ["--jobs", String(2 * availableParallelism())];
  if (argv.at(-1) === "--json") throw new Failure("--json says where to write the results.", "Name a file after it.");
  const folder = mkdtempSync(join(tmpdir(), "slipway-golden-"));
  const asked = argv.indexOf("--json");
  const report = asked < 0 ? join(folder, "results.json") : argv[asked + 1];
  try {
    const args = [checker, "--start", start, "--kubectl", kubectl, "--helm", helm, "--json", report];
    const check = async (...flags) => {
      await runChecker([...args, ...flags, ...argv, join(shared, "golden/open")]);
      return JSON.parse(readFileSync(report, "utf8"));
    };
    const results = argv.includes("--only")
      ? await check(...jobs)
      : [
          ...(await check("--jobs", "1", "--only", `^${HURRIED}$`)),
          ...(await check(...jobs, "--only", `^(?!${HURRIED}$).*`)),
        ];
    if (asked >= 0) writeFileSync(report, JSON.stringify(results, null, 2));
    const { passed, failed, skipped, accidents } = countGoldens(results);
    for (const accident of accidents) console.log(`skipped: ${accident}`);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when it has ended; that steps differ is in its report. */
function runChecker(args) {
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
}
