import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { bundle } from "../build.mjs";
import { withClusterHost } from "../cluster-host.mjs";
import { Failure } from "../failure.mjs";
import { prepare } from "../installation.mjs";
import { ensureDependencies } from "../setup.mjs";
import { withTestInstallation } from "../test-installation.mjs";
import { toolPath } from "../tools.mjs";

const BENCHES = { "first-light": runFirstLight, api: runApi, cluster: runCluster };

/** `slipway bench first-light|api|cluster`: prints figures as JSON. Exit status 1 when a ratio or a size misses its aim. */
export async function run(argv) {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true });
  const [name = "first-light"] = positionals;
  if (!Object.hasOwn(BENCHES, name))
    throw new Failure(`There is no benchmark "${name}".`, `Known are: ${Object.keys(BENCHES).join(", ")}.`);
  await ensureDependencies();
  await prepare();
  const bench = await import(await bundle("bench"));
  const figures = await BENCHES[name](bench);
  const machine = { cores: cpus().length, node: process.versions.node, calibrationMs: bench.calibrate() };
  console.log(JSON.stringify({ bench: name, machine, figures }, null, 2));
  return figures.every(({ enforced, value, aim }) => !enforced || value <= aim) ? 0 : 1;
}

async function runFirstLight({ measureFirstLight }) {
  const kubectl = await toolPath("kubectl");
  const progress = (what) => console.error(`  … ${what}`);
  return withTestInstallation(({ url }) =>
    withClusterHost((host) =>
      measureFirstLight({ origin: new URL(url).origin, lessonId: "pods-come-and-go", host, kubectl, progress }),
    ),
  );
}

async function runApi({ measureApi }) {
  const kubectl = await toolPath("kubectl");
  const progress = (what) => console.error(`  … ${what}`);
  return withClusterHost((host) => measureApi({ host, kubectl, progress }));
}

async function runCluster({ measureCluster }) {
  const kubectl = await toolPath("kubectl");
  const progress = (what) => console.error(`  … ${what}`);
  return withClusterHost((host) => measureCluster({ host, kubectl, progress }));
}
