import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GROUP_VERSIONS } from "../schema/resources";
import { strategyFor } from "./registry";

const SHARED = process.env.SLIPWAY_SHARED ?? "../shared";
const FACTS = join(SHARED, "k8s-data/facts/table-columns.json");

interface FactColumn {
  name: string;
  type: string;
  format?: string;
  priority: number;
}

const isThere = existsSync(FACTS);

describe.skipIf(!isThere)(`printer columns${isThere ? "" : ` (skipped: ${FACTS} is not there)`}`, () => {
  it("are those of a real cluster for every kind that has some of its own", () => {
    const facts = JSON.parse(readFileSync(FACTS, "utf8")) as Record<string, FactColumn[]>;
    const differing: string[] = [];
    for (const { group, version, resources } of GROUP_VERSIONS) {
      for (const { name } of resources) {
        const expected = facts[group === "" ? `${name}.${version}` : `${name}.${version}.${group}`];
        const { printer } = strategyFor(group, name);
        const isPlain = expected?.length === 2 && expected[1]?.name === "Created At";
        if (!expected || isPlain) continue;
        const shape = ({ name: title, type, format = "", priority }: FactColumn): string =>
          `${title} ${type} ${format} ${priority}`;
        if (JSON.stringify(printer?.columns.map(shape)) !== JSON.stringify(expected.map(shape)))
          differing.push(`${group}/${name}`);
      }
    }
    expect(differing).toEqual([]);
  });
});
