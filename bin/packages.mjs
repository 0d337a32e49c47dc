// Packages of the operating system: installed when this is root on Debian or Ubuntu, otherwise named in a clear error.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** Installs a program that tests compare with, where that is possible; elsewhere those tests are skipped, and say so. */
export async function ensureProgram(name, purpose) {
  const dirs = (process.env.PATH ?? "").split(":");
  if (dirs.some((dir) => existsSync(join(dir, name)))) return;
  if (isRoot && isDebian()) await installPackages([name]);
  else console.log(`without ${name} some tests are skipped: ${purpose}`);
}

function isDebian() {
  return (
    existsSync("/etc/os-release") && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"))
  );
}
