// Builds what runs: each process is one esbuild bundle in dist/, the site is built by Next. Only what is stale is rebuilt.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";
import { filesBelow, isStale, stampedInputs, writeStamp } from "./stale.mjs";
import { root } from "./state.mjs";

/** `packages: "bundle"` starts faster; "external" is for packages that read files of their own. */
const BUNDLES = {
  web: { entry: "app/_server/serve.ts", packages: "external" },
  manager: { entry: "sandbox/manager/main.ts", packages: "external" },
  "terminal-host": { entry: "sandbox/terminal/main.ts", packages: "external" },
  "cluster-host": { entry: "sandbox/cluster/simulated/main.ts", packages: "bundle" },
  "real-cluster-host": { entry: "sandbox/cluster/real/main.ts", packages: "bundle" },
  sim: { entry: "sandbox/simulator/serve/standalone.ts", packages: "bundle" },
  prepare: { entry: "sandbox/workstation/prepare.ts", packages: "bundle" },
  lessons: { entry: "course/verify/main.ts", packages: "bundle" },
  supported: { entry: "sandbox/simulator/serve/supported.ts", packages: "external" },
  chaos: { entry: "bin/chaos/main.ts", packages: "external" },
  bench: { entry: "bin/bench/main.ts", packages: "external" },
};

/** The path of a bundle, made anew when one of its sources changed. Safe when several processes ask at once. */
export async function bundle(name) {
  const { entry, packages } = BUNDLES[name];
  const output = join(root, `dist/${name}.mjs`);
  const stamp = join(root, `dist/.stamps/${name}`);
  if (existsSync(output) && !isStale(stamp, stampedInputs(stamp))) return output;
  const { build } = await import("esbuild");
  const { rename } = await import("node:fs/promises");
  const temporary = join(root, `dist/.${name}.${process.pid}.mjs`);
  mkdirSync(join(root, "dist"), { recursive: true });
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: temporary,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      packages,
      external: ["@lydell/node-pty"],
      // Bundled CommonJS packages ask for Node's modules through `require`.
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
      metafile: true,
      logLevel: "error",
    });
    await rename(temporary, output);
    const sources = Object.keys(result.metafile.inputs).filter((input) => !input.startsWith("node_modules/"));
    writeStamp(stamp, [...sources, "package-lock.json"]);
  } finally {
    rmSync(temporary, { force: true });
  }
  return output;
}

export async function bundleAll(names) {
  return Promise.all(names.map((name) => bundle(name)));
}

const SITE_SOURCES = [
  "app",
  "components",
  "content",
  "course",
  "sandbox/protocol",
  "prisma/schema.prisma",
  "next.config.ts",
  "mdx-components.tsx",
  "postcss.config.mjs",
  "package-lock.json",
];

/** Builds the site unless nothing it is made from has changed. */
export async function buildSite() {
  const stamp = join(root, ".next/slipway-stamp");
  const inputs = filesBelow(...SITE_SOURCES);
  if (!isStale(stamp, inputs) && existsSync(join(root, "dist/csp.json"))) return;
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  await run(join(root, "node_modules/.bin/next"), ["build"], { env });
  await run(process.execPath, [join(root, "app/_server/csp-hashes.mjs")]);
  writeStamp(stamp, inputs);
}
