import { parseArgs } from "node:util";
import { bundle } from "../build.mjs";
import { withClusterHost } from "../cluster-host.mjs";
import { ensureDependencies } from "../setup.mjs";
import { root } from "../state.mjs";
import { Tally } from "../tally.mjs";
import { toolPath } from "../tools.mjs";

/** `slipway lessons [--only PATTERN]`: verifies the lessons and ends with a line of counts. */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: { only: { type: "string" } } });
  await ensureDependencies();
  const [kubectl, helm] = await Promise.all([toolPath("kubectl"), toolPath("helm")]);
  const { verifyLessons } = await import(await bundle("lessons"));
  const tally = new Tally();
  const onFinding = ({ title, problem, skipped }) => {
    if (skipped !== undefined) console.log(`- ${title}: skipped, ${skipped}`);
    else console.log(problem === undefined ? `✓ ${title}` : `✗ ${title}\n    ${problem}`);
    tally.add(skipped !== undefined ? { skipped: 1 } : problem === undefined ? { passed: 1 } : { failed: 1 });
  };
  await withClusterHost(({ socketPath }) =>
    verifyLessons({ root, socketPath, kubectl, helm, only: values.only, onFinding }),
  );
  console.log(String(tally));
  return tally.failed === 0 ? 0 : 1;
}
