// A cluster-host of its own for tools that need simulated clusters without a manager: verifying lessons, benchmarks.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers } from "./answers.mjs";
import { bundle } from "./build.mjs";
import { Failure } from "./failure.mjs";

/** Runs `work` with a fresh cluster-host and ends it afterwards. */
export async function withClusterHost(work) {
  const dir = mkdtempSync(join(tmpdir(), "slipway-host-"));
  const script = await bundle("cluster-host");
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    SLIPWAY_STATE_DIR: dir,
    SLIPWAY_INSTANCE: "tool",
    SLIPWAY_HOST_INDEX: "0",
  };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const socketPath = join(dir, "cluster-host-0.sock");
  try {
    for (let i = 0; !(await answers({ socketPath, path: "/v1/hello" })); i++) {
      if (i > 200 || child.exitCode !== null) throw new Failure(`The cluster-host did not start: ${said.trim()}`, "");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return await work({ socketPath, pid: child.pid, dir });
  } finally {
    child.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  }
}
