// Packages of the operating system: installed when this is root on Debian or Ubuntu, otherwise named in a clear error.
import { existsSync, readFileSync } from "node:fs";
import { Failure } from "./failure.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { isRoot } from "./state.mjs";

export async function installPackages(names) {
  const command = `apt-get install -y ${names.join(" ")}`;
  if (!isRoot || !isDebian())
    throw new Failure(
      `This machine lacks ${names.join(", ")}.`,
      `Install it (on Debian: sudo ${command}), then run this again.`,
    );
  await step(`installing ${names.join(", ")}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-q"], { env, allowFailure: true });
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], { env });
  });
}

function isDebian() {
  return (
    existsSync("/etc/os-release") && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"))
  );
}
