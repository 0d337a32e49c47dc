import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ownProgram } from "./programs";
import { play } from "./run-scenario";
import { parseScenario } from "./scenario";

const AT_ONCE = 4;
const folder = new URL("scenarios/", import.meta.url);
const programs = { kubectl: ownProgram("kubectl"), helm: ownProgram("helm") };

const files = readdirSync(folder)
  .sort()
  .map((name) => ({ name, cases: parseScenario(readFileSync(new URL(name, folder), "utf8")) }));
const played = playAll();

describe.each(files)("$name", ({ name, cases }) => {
  it.each(cases.map(({ title }, index) => ({ title, index })))("$title", { timeout: 120_000 }, async ({ index }) =>
    expect((await played.get(name))?.[index]).toBe(""),
  );
});

/** What came of each file; so many are played at once, each on a cluster of its own. */
function playAll(): Map<string, Promise<string[]>> {
  const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(undefined));
  return new Map(
    files.map(({ name, cases }, index) => {
      const result = (lanes[index % AT_ONCE] ?? Promise.resolve()).then(() => play(cases, programs));
      lanes[index % AT_ONCE] = result.catch(() => undefined);
      return [name, result];
    }),
  );
}
