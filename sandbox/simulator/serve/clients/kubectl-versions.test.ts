import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { olderKubectl, ownProgram } from "./programs";
import { play } from "./run-scenario";
import { parseScenario } from "./scenario";

const walk = parseScenario(readFileSync(new URL("walk.txt", import.meta.url), "utf8"));

const versions = ["1.31", "1.32", "1.33", "1.36"].map((version) => {
  const found = version === "1.36" ? { path: ownProgram("kubectl") } : olderKubectl(version);
  if ("missing" in found) process.stdout.write(`kubectl ${version}: skipped, ${found.missing}\n`);
  return { version, path: "path" in found ? found.path : undefined };
});

// All at once: most of their time they wait for the cluster.
const played = new Map(
  versions.map(({ version, path }) => [version, path ? play(walk, { kubectl: path }) : undefined]),
);

describe.each(versions)("kubectl $version", ({ version, path }) => {
  it.skipIf(path === undefined).each(walk.map(({ title }, index) => ({ title, index })))(
    "$title",
    { timeout: 120_000 },
    async ({ index }) => expect((await played.get(version))?.[index]).toBe(""),
  );
});
