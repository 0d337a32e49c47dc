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

const NUMBERS = { minutes: "2", learners: "6", "kills-per-second": "1.8", cycles: "0" };

/**
 * `slipway chaos [--minutes N] [--seed N] [--learners N] [--logs DIR]`: an installation of its own under learners at
 * work, in which everything is killed; then an auditor counts what is lost and what is left over. `slipway chaos --cycles N`:
 * sandboxes that come and go, and what has grown after so many. Exit status 1 when anything is. `--logs` keeps a copy of
 * what the processes wrote.
 */
export async function run(argv) {
  const asked = Object.fromEntries(
    Object.entries({ ...NUMBERS, seed: String(randomInt(1_000_000)) }).map(([name, otherwise]) => [
      name,
      { type: "string", default: otherwise },
    ]),
  );
  const { values } = parseArgs({ args: argv, options: { ...asked, logs: { type: "string" } } });
  const numbers = Object.fromEntries(
    Object.keys(asked).map((name) => {
      const number = Number(values[name]);
      if (!(number > 0 || (name === "cycles" && number === 0)))
        throw new Failure(`--${name} is a number above 0, not "${values[name]}".`, "");
      return [name, number];
    }),
  );
  if (process.getuid() !== 0) throw new Failure("Chaos kills containers, which need root here.", "sudo npm run chaos");
  await ensureDependencies();
  await prepare();
  const chaos = await import(await bundle("chaos"));
  const findings =
    numbers.cycles > 0 ? await cycles(chaos, numbers, values.logs) : await kill(chaos, numbers, values.logs);
  console.log(`${findings === 0 ? "1 passed, 0 failed" : "0 passed, 1 failed"}, 0 skipped`);
  return findings === 0 ? 0 : 1;
}

const progress = (what) => console.error(`  … ${what}`);
const lessonId = "pods-come-and-go";

/** @returns {Promise<number>} how much is wrong */
async function kill(chaos, { minutes, seed, learners, "kills-per-second": killsPerSecond }, logs) {
  const clusterHosts = Math.min(2, cpus().length);
  process.env.SLIPWAY_CLUSTER_HOSTS = String(clusterHosts);
  console.log(`seed ${seed}`);
  const how = { minutes, seed, learners, killsPerSecond, atLeast: minutes * KILLS_PER_MINUTE };
  const { result: report, left } = await withLogs(chaos, { logs, disk: DISK }, ({ url, ...installation }) =>
    chaos.runChaos({
      ...installation,
      ...how,
      origin: new URL(url).origin,
      lessonId,
      diskFulls: 2,
      clusterHosts,
      progress,
    }),
  );
  const findings = [...report.findings, ...left];
  console.log(JSON.stringify({ ...report, findings }, null, 2));
  const { objects, files } = report.acknowledged;
  if (report.killed >= how.atLeast && objects > 0 && files > 0) return findings.length;
  console.log(`too little: ${report.killed} kills, ${objects} objects and ${files} files in ${minutes} minutes`);
  return findings.length + 1;
}

/** @returns {Promise<number>} how much is wrong */
async function cycles(chaos, { cycles, learners }, logs) {
  const { result: report, left } = await withLogs(chaos, { logs }, ({ url, ...installation }) =>
    chaos.runCycles({
      ...installation,
      origin: new URL(url).origin,
      lessonId,
      cycles,
      atOnce: Math.min(learners, 4),
      progress,
    }),
  );
  const findings = [...report.findings, ...left];
  console.log(JSON.stringify({ ...report, findings }, null, 2));
  return findings.length;
}

/** An installation, with `disk` on a small one of its own; what came of it, and what is left when it was stopped. */
async function withLogs(chaos, { logs, disk }, work) {
  let instance;
  let left = [];
  const result = await withTestInstallation(
    (installation) => {
      ({ instance } = installation);
      return work(installation);
    },
    {
      before: (dir) => disk && mount(["-t", "tmpfs", "-o", `size=${disk},mode=0711`, "slipway-chaos", dir]),
      after: (dir) => {
        if (logs) spawnSync("cp", ["-r", `${dir}/logs`, logs]);
        if (instance) left = chaos.auditEnd(instance, dir);
        if (disk) spawnSync("umount", ["--lazy", dir]);
      },
    },
  );
  return { result, left };
}

function mount(args) {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Failure(`A small disk could not be made: ${stderr.trim()}`, "");
}
