// Looks at this machine for what drivers and workstations need.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { isRoot, root } from "./state.mjs";

const MIB = 1024 * 1024;
const WITHIN_MS = 5_000;

/** @returns {Promise<import("./modes.mjs").Facts>} */
export async function machineFacts(environment = process.env) {
  const command = environment.SLIPWAY_KIND_ENGINE ?? "docker";
  const nodes = 1 + Number(environment.SLIPWAY_KIND_WORKERS ?? 2);
  const nodeImage = environment.SLIPWAY_KIND_IMAGE ?? "kindest/node";
  const engine = engineFacts(command);
  return {
    platform: process.platform,
    isRoot,
    runc: version("runc", ["--version"]),
    mmdebstrap: version("mmdebstrap", ["--version"]) !== undefined,
    runsc: version("runsc", ["--version"]),
    userNamespaces: numberIn("/proc/sys/user/max_user_namespaces"),
    allCapabilities: allCapabilities(),
    kind: version(environment.SLIPWAY_KIND ?? "kind", ["version", "--quiet"]),
    engine,
    nodeImage,
    nodeImagePresent: engine.version !== undefined && hasImage(command, nodeImage),
    memoryBytes: totalmem(),
    kindBytes: nodes * Number(environment.SLIPWAY_KIND_NODE_MIB ?? 1536) * MIB,
    kubeconfig: environment.SLIPWAY_KUBECONFIG ? await kubeconfigFacts(environment.SLIPWAY_KUBECONFIG) : undefined,
    chosen: {
      driver: environment.SLIPWAY_CLUSTER_DRIVER ?? "simulated",
      choice: (environment.SLIPWAY_CLUSTER_CHOICE ?? "").split(","),
      workstation: environment.SLIPWAY_WORKSTATION,
    },
  };
}

/** The first thing that looks like a version in what a program says of itself; nothing when it is not there. */
function version(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", timeout: WITHIN_MS });
  return status === 0 ? (/\d+\.\d[\w.+~-]*/.exec(stdout)?.[0] ?? stdout.trim()) : undefined;
}

function engineFacts(command) {
  const format = command === "docker" ? "{{.ServerVersion}}" : "{{.Version.Version}}";
  const { status, stdout, stderr, error } = spawnSync(command, ["info", "--format", format], {
    encoding: "utf8",
    timeout: WITHIN_MS,
  });
  // Docker's command ends well also when it has not reached its daemon.
  const answer = (stdout ?? "").trim();
  if (status === 0 && answer !== "") return { command, version: answer };
  return { command, said: error ? "it is not installed" : (stderr ?? "").trim().split("\n")[0] };
}

function hasImage(command, image) {
  const { stdout } = spawnSync(command, ["image", "ls", "--quiet", image], { encoding: "utf8", timeout: WITHIN_MS });
  return (stdout ?? "").trim() !== "";
}

/** Whether root's processes may have every capability that the kernel knows. */
function allCapabilities() {
  if (!existsSync("/proc/self/status")) return true;
  const bounds = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const last = numberIn("/proc/sys/kernel/cap_last_cap") ?? 40;
  return BigInt(`0x${bounds}`) === (1n << BigInt(last + 1)) - 1n;
}

async function kubeconfigFacts(path) {
  if (!existsSync(path)) return { path, said: "there is no such file" };
  if (!existsSync(`${root}/node_modules/fflate`)) return { path, said: "kubectl is not unpacked yet" };
  const { toolPath } = await import("./tools.mjs");
  const kubectl = await toolPath("kubectl");
  const ask = (...args) =>
    execFileSync(kubectl, ["--kubeconfig", path, "--request-timeout=5s", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  try {
    ask("version");
  } catch (error) {
    return {
      path,
      said: String(error.stderr ?? error.message)
        .trim()
        .split("\n")
        .at(-1),
    };
  }
  try {
    return { path, mayMakeNamespaces: ask("auth", "can-i", "create", "namespaces").trim() === "yes" };
  } catch {
    return { path, mayMakeNamespaces: false }; // "no" is an exit status too
  }
}

function numberIn(file) {
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}
