import { describe, expect, it } from "vitest";
import type { Stored } from "./api/object";
import { FakeClock } from "./clock";
import { freshObjects } from "./fresh-objects";
import { SeededRandom } from "./random";

describe("the objects that every cluster begins with", () => {
  it("share what they say, and have identities and times of their own", async () => {
    const [one, other] = [await made(1, Date.UTC(2026, 0, 1)), await made(2, Date.UTC(2027, 0, 1))];
    expect(one.size).toBeGreaterThan(200);
    expect([...other.keys()]).toEqual([...one.keys()]);
    const uids = [...one.values(), ...other.values()].map(({ metadata }) => metadata.uid);
    expect(new Set(uids).size).toBe(2 * one.size);
    expect(at(one, "view")).toHaveProperty("rules");
    expect(Reflect.get(at(one, "view"), "rules")).toBe(Reflect.get(at(other, "view"), "rules"));
  });

  it("tell no time but that of their cluster", async () => {
    const text = JSON.stringify([...(await made(1, Date.UTC(2031, 0, 1))).values()]);
    expect(new Set(text.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g))).toEqual(new Set(["2031-01-01T00:00:00Z"]));
  });
});

async function made(seed: number, now: number): Promise<Map<string, Stored>> {
  const { collections } = await freshObjects(new FakeClock(now), new SeededRandom(seed));
  return new Map(
    collections.flatMap(([name, objects]) => objects.map(([key, object]) => [`${name} ${key}`, object] as const)),
  );
}

function at(objects: ReadonlyMap<string, Stored>, role: string): Stored {
  const found = objects.get(`rbac.authorization.k8s.io/clusterroles ${role}`);
  if (!found) throw new Error(`no ClusterRole ${role}`);
  return found;
}
