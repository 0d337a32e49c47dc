// What every command may need first: npm's packages, generated sources. Each is done once and again when its inputs change.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { filesBelow, isStale, writeStamp } from "./stale.mjs";
import { root } from "./state.mjs";

/** Installs npm's packages unless they are there for this lock file. */
export async function ensureDependencies() {
  const stamp = join(root, "node_modules/.slipway-installed");
  const inputs = ["package.json", "package-lock.json"].filter((file) => existsSync(join(root, file)));
  if (!isStale(stamp, inputs)) return;
  await step("installing packages", async () => {
    try {
      await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"]);
    } catch (cause) {
      throw new Failure(
        `npm could not install the packages.\n${cause.message}`,
        "Check the network or the registry (`npm ping`), then run this again.",
        { cause },
      );
    }
  });
  writeStamp(stamp, inputs);
}

/** Makes the sources that are not kept in git: the database client and the descriptions for `kubectl explain`. */
export async function ensureGenerated() {
  await generateWhenStale(
    "database client",
    ["prisma/schema.prisma", "package-lock.json"],
    "prisma/generated/client/client.ts",
    () => run(join(root, "node_modules/.bin/prisma"), ["generate"]),
  );
  const descriptions = "sandbox/simulator/schema/generate/descriptions.mjs";
  if (existsSync(join(root, descriptions))) {
    await generateWhenStale(
      "descriptions for explain",
      [...filesBelow("sandbox/simulator/schema/generate"), "package-lock.json"],
      "sandbox/simulator/schema/generated/descriptions.json",
      () => run(process.execPath, [descriptions]),
    );
  }
}

async function generateWhenStale(title, inputs, output, generate) {
  const stamp = join(root, "node_modules/.cache/slipway", title.replaceAll(" ", "-"));
  if (existsSync(join(root, output)) && !isStale(stamp, inputs)) return;
  await step(`generating the ${title}`, generate);
  writeStamp(stamp, inputs);
}
