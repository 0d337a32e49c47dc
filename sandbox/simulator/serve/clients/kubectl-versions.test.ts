import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { olderKubectl, ownProgram } from "./programs";
import { play } from "./run-scenario";
import { parseScenario } from "./scenario";

const OWN = "1.36";
const read = (name: string) => parseScenario(readFileSync(new URL(name, import.meta.url), "utf8"));

const walk = read("walk.txt");
const spdy = read("spdy.txt");
const runs = [
  ...["1.31", "1.32", "1.33", OWN].map((version) => ({ version, cases: walk })),
  // The last that knew nothing else, and ours, which is told to.
  ...["1.28", OWN].map((version) => ({ version, cases: spdy })),
].map(({ version, cases }) => {
  const found = version === OWN ? { path: ownProgram("kubectl") } : olderKubectl(version);
  if ("missing" in found) process.stdout.write(`kubectl ${version}: skipped, ${found.missing}\n`);
  const path = "path" in found ? found.path : undefined;
  // All at once: most of their time they wait for the cluster.
  return { version, cases, isMissing: path === undefined, faults: path ? play(cases, { kubectl: path }) : undefined };
});

describe.each(runs)("kubectl $version", ({ cases, isMissing, faults }) => {
  it.skipIf(isMissing).each(cases.map(({ title }, index) => ({ title, index })))(
    "$title",
    { timeout: 120_000 },
    async ({ index }) => expect((await faults)?.[index]).toBe(""),
  );
});
