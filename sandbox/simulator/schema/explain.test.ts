import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadDescriptions } from "../serve/descriptions";
import { OpenApiPublisher } from "./openapi";
import { GROUP_VERSIONS } from "./resources";

const descriptions = loadDescriptions();
const publisher = new OpenApiPublisher(() => descriptions);
const recorded = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/openapi-v3");
const files = existsSync(recorded) ? readdirSync(recorded).filter((file) => /__v\d_openapi\.json$/.test(file)) : [];
const ABSENT = descriptions ? "" : " (skipped: `npm run generate` has not made the descriptions)";

type Schemas = Record<string, { description?: string; properties?: Record<string, { description?: string }> }>;

describe.skipIf(!descriptions)(`the texts for kubectl explain${ABSENT}`, () => {
  it("are there but for the listed gaps", async () => {
    const nothing: string[] = [];
    const values: string[] = [];
    for (const [name, texts] of ourTexts()) {
      const without = Object.entries(texts).filter(([, text]) => text.prose === "");
      if (without.length > 0) nothing.push(`${name}: ${without.map(([field]) => field || "(itself)").join(" ")}`);
      for (const [field, text] of Object.entries(texts)) {
        const bare = text.values.filter((line) => line.endsWith("`"));
        if (bare.length > 0) values.push(`${name} ${field}: ${bare.map((line) => line.slice(4, -1)).join(" ")}`);
      }
    }
    const text = [
      "# Made by `npx vitest run sandbox/simulator/schema/explain.test.ts -u`. What `kubectl explain` does not tell here.",
      "",
      "# Types and fields of which no package tells anything:",
      ...nothing,
      "",
      "# Values whose meaning no package tells (Kubernetes says it of some of them; the package is of 1.23):",
      ...values,
      "",
    ].join("\n");
    await expect(text).toMatchFileSnapshot("generated/explain-gaps.txt");
  });
});

describe.skipIf(!descriptions || files.length === 0)(
  `the texts beside those of a real server${files.length === 0 ? ` (skipped: ${recorded} is not there)` : ABSENT}`,
  () => {
    it("say the same but for the listed differences", async () => {
      const ours = ourTexts();
      const real: Schemas = Object.assign(
        {},
        ...files.map((file) => schemasIn(readFileSync(join(recorded, file), "utf8"))),
      );
      const different: string[] = [];
      let compared = 0;
      for (const [name, texts] of textsOf(real))
        for (const [field, { prose }] of Object.entries(texts)) {
          compared++;
          if (ours.get(name)?.[field]?.prose !== prose) different.push(`${name} ${field || "(itself)"}`);
        }
      expect(compared).toBeGreaterThan(2900);
      const text = [
        "# Made by `SLIPWAY_SHARED=… npx vitest run sandbox/simulator/schema/explain.test.ts -u`.",
        "# Descriptions that differ from a real server's: the packages say nothing of them (see explain-gaps.txt) or lost the",
        "# line ends.",
        ...different,
        "",
      ].join("\n");
      await expect(text).toMatchFileSnapshot("generated/explain-differences.txt");
    });
  },
);

interface Text {
  readonly prose: string;
  /** The lines after `Possible enum values:`. */
  readonly values: readonly string[];
}

/** Definition name → field ("" is the type itself) → what is said of it. */
function ourTexts(): Map<string, Record<string, Text>> {
  const schemas: Schemas = {};
  for (const { group, version } of GROUP_VERSIONS) {
    const path = `/openapi/v3/${group === "" ? `api/${version}` : `apis/${group}/${version}`}`;
    const answer = publisher.answer(path, "application/json");
    Object.assign(schemas, schemasIn(new TextDecoder().decode(answer?.body)));
  }
  return textsOf(schemas);
}

function schemasIn(document: string): Schemas {
  return (JSON.parse(document) as { components: { schemas: Schemas } }).components.schemas;
}

function textsOf(schemas: Schemas): Map<string, Record<string, Text>> {
  return new Map(
    Object.entries(schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { description, properties = {} }]) => [
        name,
        Object.fromEntries([
          ["", split(description)],
          ...Object.entries(properties).map(([field, property]) => [field, split(property.description)]),
        ]) as Record<string, Text>,
      ]),
  );
}

function split(description = ""): Text {
  const [prose = "", values] = description.split(/(?:^|\n\n)Possible enum values:\n/);
  return { prose, values: values?.split("\n") ?? [] };
}
