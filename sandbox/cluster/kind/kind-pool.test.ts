import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../../simulator/clock";
import { KindPool } from "./kind-pool";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slipway-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** An engine that makes clusters when the test says so. */
class Engine {
  readonly clock = new FakeClock();
  readonly present = new Set<string>();
  readonly errors: unknown[] = [];
  #count = 0;
  #waiting: { id: string; resolve(): void; reject(error: Error): void }[] = [];

  open(size: number): KindPool {
    return new KindPool({
      size,
      file: join(folder, "pool.json"),
      clock: this.clock,
      newId: () => `c${++this.#count}`,
      make: (id, signal) =>
        new Promise((resolve, reject) => {
          this.present.add(id);
          this.#waiting.push({ id, resolve, reject });
          signal.addEventListener("abort", () => reject(new Error("called off")));
        }),
      remove: (id) => Promise.resolve(void this.present.delete(id)),
      present: () => Promise.resolve([...this.present]),
      onError: (error) => this.errors.push(error),
    });
  }

  get making(): string[] {
    return this.#waiting.map(({ id }) => id);
  }

  async finish(error?: Error): Promise<void> {
    const [one] = this.#waiting.splice(0, 1);
    if (error) one?.reject(error);
    else one?.resolve();
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("clusters in reserve", () => {
  it("are made one after the other, and again when one is taken", async () => {
    const engine = new Engine();
    const pool = engine.open(2);
    expect(pool.take("early")).toBeUndefined();
    await pool.open();
    await settle();
    expect(engine.making).toEqual(["c1"]);
    expect(pool.sandboxesOf(["c1"]), "one that is being made is nobody's").toEqual([]);
    await engine.finish();
    expect(engine.making).toEqual(["c2"]);
    expect(pool.take("ana")).toBe("c1");
    await engine.finish();
    await engine.finish();
    expect(engine.making).toEqual([]);
    expect([...engine.present]).toEqual(["c1", "c2", "c3"]);
    expect(pool.idOf("ana")).toBe("c1");
    expect(pool.idOf("ben")).toBe("ben");
    expect(pool.sandboxesOf(["c1", "c2", "c3", "ben"])).toEqual(["ana", "ben"]);
    pool.forget("ana");
    expect(pool.idOf("ana")).toBe("ana");
  });

  it("that cannot be made are removed, and tried again after a while", async () => {
    const engine = new Engine();
    const pool = engine.open(1);
    await pool.open();
    await settle();
    await engine.finish(new Error("no space left"));
    expect([...engine.present]).toEqual([]);
    expect(engine.errors).toHaveLength(1);
    expect(engine.making).toEqual([]);
    await engine.clock.advance(30_000);
    await settle();
    expect(engine.making).toEqual(["c2"]);
    await engine.finish();
    expect(pool.take("ana")).toBe("c2");
  });

  it("are known to the next process, but for those that are gone", async () => {
    const engine = new Engine();
    const pool = engine.open(2);
    await pool.open();
    for (let count = 0; count < 3; count++) {
      await settle();
      await engine.finish();
      if (count === 0) pool.take("ana");
    }
    engine.present.delete("c2");
    const next = engine.open(2);
    await next.open();
    await settle();
    expect(next.idOf("ana")).toBe("c1");
    expect(engine.making).toEqual(["c4"]);
    expect(next.take("ben")).toBe("c3");
    expect(readFileSync(join(folder, "pool.json"), "utf8")).toContain('"ben":"c3"');

    writeFileSync(join(folder, "pool.json"), "{");
    expect(engine.open(2).sandboxesOf(["c1", "c3"])).toEqual(["c1", "c3"]);
  });

  it("end with the installation, those half made too; what somebody has stays", async () => {
    const engine = new Engine();
    const pool = engine.open(2);
    await pool.open();
    await settle();
    await engine.finish();
    pool.take("ana");
    await engine.finish();
    expect(engine.making).toEqual(["c3"]);
    await pool.close();
    expect([...engine.present]).toEqual(["c1"]);
    await engine.clock.advance(60_000);
    await settle();
    expect(engine.making).toEqual(["c3"]);
  });
});
