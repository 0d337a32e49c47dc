import { spawn } from "node:child_process";
import { Failure } from "./failure.mjs";
import { root } from "./state.mjs";

/**
 * Runs a command in the checkout and resolves with its standard output. Quiet unless it fails; then what it said is in the error.
 * @param {{ env?: NodeJS.ProcessEnv, echo?: boolean, allowFailure?: boolean }} [options] `echo` shows the output as it comes
 */
export function run(command, args, { env = process.env, echo = false, allowFailure = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text) => {
        said[name] += text;
        if (echo) process.stderr.write(text);
      });
    }
    child.on("error", (cause) =>
      reject(new Failure(`${command} could not be started (${cause.message}).`, "Is it installed?", { cause })),
    );
    child.on("close", (code) => {
      if (code === 0 || allowFailure) resolve({ ...said, code });
      else
        reject(
          new Failure(
            `\`${command.split("/").at(-1)} ${args.join(" ")}\` ended with ${code}:\n${tail(said.stdout + said.stderr)}`,
            "",
          ),
        );
    });
  });
}

function tail(text) {
  return text.trimEnd().split("\n").slice(-40).join("\n");
}
