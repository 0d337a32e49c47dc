import { join } from "node:path";
import { parseArgs } from "node:util";
import { run as runCommand } from "../run.mjs";
import { ensureDependencies, ensureGenerated } from "../setup.mjs";
import { root } from "../state.mjs";

const tool = (name) => join(root, "node_modules/.bin", name);
const CACHE = "node_modules/.cache";

/** What is checked without running the product; `fix` where the tool can mend it itself. */
const CHECKS = [
  {
    name: "format",
    command: "prettier",
    args: ["--check", "--log-level=warn", "--cache", "--cache-location", `${CACHE}/prettier-checked`, "."],
    fix: ["--write", "--log-level=warn", "."],
  },
  {
    name: "lint and boundaries",
    command: "eslint",
    args: ["--cache", "--cache-location", `${CACHE}/eslint-checked`, "--max-warnings=0", "."],
    fix: ["--fix", "."],
  },
  { name: "types of the product", command: "tsc", args: ["-p", "tsconfig.json"] },
  { name: "types of the simulator (no Node, no DOM)", command: "tsc", args: ["-p", "sandbox/simulator/tsconfig.json"] },
  { name: "dead code and unused packages", command: "knip", args: ["--no-progress"] },
];

/** `slipway check [--fix]`: all static checks, two at a time. */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: { fix: { type: "boolean", default: false } } });
  await ensureDependencies();
  await ensureGenerated();
  if (values.fix)
    for (const { command, fix } of CHECKS)
      if (fix) await runCommand(tool(command), fix, { echo: true, allowFailure: true });
  const results = await check();
  for (const { name, passed, output } of results)
    console.log(`${passed ? "✓" : "✗"} ${name}${passed ? "" : `\n${output}`}`);
  return results.every((result) => result.passed) ? 0 : 1;
}

/** @returns {Promise<{ name: string, passed: boolean, output: string }[]>} */
export async function check() {
  const waiting = [...CHECKS];
  const results = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { code, stdout, stderr } = await runCommand(tool(next.command), next.args, { allowFailure: true });
      results.push({ name: next.name, passed: code === 0, output: (stdout + stderr).trimEnd() });
    }
  };
  await Promise.all([worker(), worker()]);
  return CHECKS.map(({ name }) => results.find((result) => result.name === name));
}
