import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { bundle } from "../build.mjs";
import { Failure } from "../failure.mjs";
import { prepare } from "../installation.mjs";
import { ensureDependencies } from "../setup.mjs";
import { withTestInstallation } from "../test-installation.mjs";

const DISK = "900m";
const KILLS_PER_MINUTE = 100;

/**
 * `slipway chaos [--minutes N] [--seed N] [--learners N] [--logs DIR]`: an installation of its own under learners at
 * work, in which everything is killed; then an auditor counts what is lost and what is left over. Exit status 1 when
 * anything is. `--logs` keeps a copy of what the processes wrote.
 */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      minutes: { type: "string", default: "2" },
      seed: { type: "string", default: String(randomInt(1_000_000)) },
      learners: { type: "string", default: "6" },
      "kills-per-second": { type: "string", default: "1.8" },
      logs: { type: "string" },
    },
  });
  const [minutes, seed, learners, killsPerSecond] = ["minutes", "seed", "learners", "kills-per-second"].map((name) => {
    const number = Number(values[name]);
    if (!(number > 0)) throw new Failure(`--${name} is a number above 0, not "${values[name]}".`, "");
    return number;
  });
  if (process.getuid() !== 0) throw new Failure("Chaos kills containers, which need root here.", "sudo npm run chaos");
  await ensureDependencies();
  await prepare();
  const chaos = await import(await bundle("chaos"));
  const progress = (what) => console.error(`  … ${what}`);
  const clusterHosts = Math.min(2, cpus().length);
  process.env.SLIPWAY_CLUSTER_HOSTS = String(clusterHosts);
  console.log(`seed ${seed}`);
  let state;
  const report = await withTestInstallation(
    async ({ url, stateDir, instance, databaseUrl }) => {
      state = { instance, stateDir };
      const origin = new URL(url).origin;
      const lessonId = "pods-come-and-go";
      const how = { minutes, seed, learners, killsPerSecond, atLeast: minutes * KILLS_PER_MINUTE };
      const given = { origin, instance, stateDir, databaseUrl, lessonId, ...how };
      return chaos.runChaos({ ...given, diskFulls: 2, clusterHosts, progress });
    },
    {
      before: (dir) => mount(["-t", "tmpfs", "-o", `size=${DISK},mode=0711`, "slipway-chaos", dir]),
      after: (dir) => {
        if (values.logs) spawnSync("cp", ["-r", `${dir}/logs`, values.logs]);
        state.left = chaos.auditEnd(state.instance, dir);
        spawnSync("umount", ["--lazy", dir]);
      },
    },
  );
  const findings = [...report.findings, ...state.left];
  console.log(JSON.stringify({ ...report, findings }, null, 2));
  const { objects, files } = report.acknowledged;
  const enough = report.killed >= minutes * KILLS_PER_MINUTE && objects > 0 && files > 0;
  if (!enough)
    console.log(`too little: ${report.killed} kills, ${objects} objects and ${files} files in ${minutes} minutes`);
  console.log(`${findings.length === 0 && enough ? "1 passed, 0 failed" : "0 passed, 1 failed"}, 0 skipped`);
  return findings.length === 0 && enough ? 0 : 1;
}

function mount(args) {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Failure(`A small disk could not be made: ${stderr.trim()}`, "");
}
