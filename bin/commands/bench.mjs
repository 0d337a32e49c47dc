import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { bundle } from "../build.mjs";
import { withClusterHost } from "../cluster-host.mjs";
import { Failure } from "../failure.mjs";
import { prepare } from "../installation.mjs";
import { ensureDependencies } from "../setup.mjs";
import { withTestInstallation } from "../test-installation.mjs";
import { toolPath } from "../tools.mjs";

const BENCHES = { "first-light": runFirstLight, api: runApi, cluster: runCluster, sandboxes: runSandboxes };

/**
 * `slipway bench first-light|api|cluster|sandboxes`: prints figures as JSON. Exit status 1 when a ratio, a size or a
 * count misses its aim. `sandboxes` takes `--learners N`, `--every SECONDS` between two commands of each, and
 * `--window SECONDS`.
 */
export async function run(argv) {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      learners: { type: "string", default: "500" },
      every: { type: "string", default: "30" },
      window: { type: "string", default: "120" },
    },
  });
  const [name = "first-light"] = positionals;
  if (!Object.hasOwn(BENCHES, name))
    throw new Failure(`There is no benchmark "${name}".`, `Known are: ${Object.keys(BENCHES).join(", ")}.`);
  await ensureDependencies();
  await prepare();
  const bench = await import(await bundle("bench"));
  const figures = await BENCHES[name](bench, values);
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

/** All of them come from one address, and more than this machine may be meant for: what refuses them is measured elsewhere. */
async function runSandboxes({ measureSandboxes, SPINNING }, values) {
  const [learners, everySeconds, windowSeconds] = ["learners", "every", "window"].map((name) => {
    const number = Number(values[name]);
    if (!(number > 0)) throw new Failure(`--${name} is a number above 0, not "${values[name]}".`, "");
    return number;
  });
  const most = String(learners + SPINNING);
  const settings = {
    SLIPWAY_MAX_SANDBOXES: most,
    SLIPWAY_MAX_QUEUE: "0",
    SLIPWAY_SANDBOXES_PER_ADDRESS: most,
    SLIPWAY_GUESTS_PER_HOUR: most,
    LOG_LEVEL: "warn",
  };
  const progress = (what) => console.error(`  … ${what}`);
  return withTestInstallation(
    ({ url, instance, stateDir }) => {
      const place = { origin: new URL(url).origin, instance, stateDir, lessonId: "pods-come-and-go" };
      return measureSandboxes({ ...place, learners, everySeconds, windowSeconds, progress });
    },
    { settings },
  );
}
