import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureBrowser } from "../browser.mjs";
import { Failure } from "../failure.mjs";
import { ensureProgram } from "../packages.mjs";
import { prepare } from "../installation.mjs";
import { withTestInstallation } from "../test-installation.mjs";
import { run as runCommand } from "../run.mjs";
import { ensureDependencies } from "../setup.mjs";
import { startStandIns } from "../stand-ins.mjs";
import { root } from "../state.mjs";
import { Tally, tallyOf } from "../tally.mjs";
import { check } from "./check.mjs";

const STAGES = {
  check: testChecks,
  unit: testUnits,
  golden: testGoldens,
  lessons: testLessons,
  e2e: testEndToEnd,
  chaos: testChaos,
};
/** Minutes of kills and cycles are more than everybody wants to wait for each time. */
const ONLY_BY_NAME = ["chaos"];

/** `slipway test [--only STAGE,…]`: sets up what it needs, runs every stage, ends with one line of counts. */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: { only: { type: "string" } } });
  const names = values.only?.split(",") ?? Object.keys(STAGES).filter((name) => !ONLY_BY_NAME.includes(name));
  const unknown = names.find((name) => !Object.hasOwn(STAGES, name));
  if (unknown) throw new Failure(`There is no stage "${unknown}".`, `Known are: ${Object.keys(STAGES).join(", ")}.`);

  await ensureDependencies();
  await prepare();
  await ensureProgram("busybox", "the shell of containers is compared with it");
  const total = new Tally();
  for (const name of names) {
    const begin = performance.now();
    console.log(`\n── ${name}`);
    const tally = await STAGES[name]().catch((error) => {
      console.log(error?.name === "Failure" ? error.message : error);
      return new Tally().add({ failed: 1 });
    });
    console.log(`── ${name}: ${tally} (${((performance.now() - begin) / 1000).toFixed(0)} s)`);
    total.add(tally);
  }
  console.log(`\n${total}`);
  return total.failed === 0 ? 0 : 1;
}

async function testChecks() {
  const tally = new Tally();
  for (const { name, passed, output } of await check()) {
    console.log(`${passed ? "✓" : "✗"} ${name}${passed ? "" : `\n${output}`}`);
    tally.add(passed ? { passed: 1 } : { failed: 1 });
  }
  return tally;
}

async function testUnits() {
  const dir = mkdtempSync(join(tmpdir(), "slipway-units-"));
  try {
    const report = join(dir, "report.json");
    const { code } = await runCommand(
      join(root, "node_modules/.bin/vitest"),
      ["run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`],
      { echo: true, allowFailure: true },
    );
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    const failed = numFailedTests || (code === 0 ? 0 : Math.max(1, numFailedTestSuites));
    return new Tally().add({ passed: numPassedTests, failed, skipped: numPendingTests });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function testGoldens() {
  return tallyOfCommand(["golden"]);
}

async function testLessons() {
  return tallyOfCommand(["lessons"]);
}

async function testEndToEnd() {
  const executable = await ensureBrowser();
  const standIns = await startStandIns();
  const before = process.env;
  process.env = { ...before, ...standIns.env };
  try {
    return await inBrowser(executable, standIns.folder);
  } finally {
    process.env = before;
    await standIns.stop();
  }
}

function inBrowser(executable, standIns) {
  return withTestInstallation(async ({ url, adminLink }) => {
    const dir = mkdtempSync(join(tmpdir(), "slipway-e2e-"));
    try {
      const report = join(dir, "report.json");
      const env = {
        ...process.env,
        SLIPWAY_URL: url,
        SLIPWAY_ADMIN_LINK: adminLink,
        SLIPWAY_STAND_INS: standIns,
        CHROMIUM_PATH: executable,
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
      };
      await runCommand(join(root, "node_modules/.bin/playwright"), ["test", "--reporter=line,json"], {
        env,
        echo: true,
        allowFailure: true,
      });
      const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(report, "utf8")).stats;
      return new Tally().add({ passed: expected + flaky, failed: unexpected, skipped });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}

async function testChaos() {
  const kills = await tallyOfCommand(["chaos", "--minutes", "2"]);
  return kills.add(await tallyOfCommand(["chaos", "--cycles", "100"]));
}

async function tallyOfCommand(args) {
  const { stdout, code } = await runCommand(process.execPath, [join(root, "bin/slipway.mjs"), ...args], {
    echo: true,
    allowFailure: true,
  });
  return tallyOf(stdout) ?? new Tally().add(code === 0 ? { skipped: 1 } : { failed: 1 });
}
