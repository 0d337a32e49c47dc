import { describe, expect, it } from "vitest";
import { flushPromises } from "../clock";
import type { Stored } from "../api/object";
import { Storage, type Change } from "./storage";

const object = (name: string, extra: object = {}) => ({ metadata: { name, ...extra } });

function filled(...names: string[]) {
  const storage = new Storage();
  const stored = names.map((name) => storage.create("/things", name, object(name)) as Stored);
  return { storage, stored };
}

describe("storage", () => {
  it("counts one revision for all collections and stamps every write with it", () => {
    const { storage, stored } = filled("a", "b");
    expect(stored.map(({ metadata }) => metadata.resourceVersion)).toEqual(["2", "3"]);
    expect(storage.create("/others", "x", object("x"))?.metadata.resourceVersion).toBe("4");
  });

  it("swaps only what it was shown", () => {
    const { storage, stored } = filled("a");
    const [a] = stored as [Stored];
    expect(storage.update("/things", "a", a, object("a", { labels: { v: "2" } }))).toBeDefined();
    expect(storage.update("/things", "a", a, object("a"))).toBeUndefined();
    expect(storage.delete("/things", "a", a)).toBeUndefined();
    expect(storage.create("/things", "a", object("a"))).toBeUndefined();
  });

  it("freezes what it holds", () => {
    const { stored } = filled("a");
    expect(() => Object.assign(stored[0]?.metadata ?? {}, { name: "b" })).toThrow(TypeError);
  });

  it("lists in key order, and one namespace without its neighbours", () => {
    const storage = new Storage();
    for (const key of ["b/z", "a/y", "a-b/x", "a/a"]) {
      const [namespace = "", name = ""] = key.split("/");
      storage.create("/things", key, object(name, { namespace }));
    }
    const names = (namespace: string) =>
      storage.list("/things", namespace).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(names("")).toEqual(["a-b/x", "a/a", "a/y", "b/z"]);
    expect(names("a")).toEqual(["a/a", "a/y"]);
  });

  it("remembers how a collection was", () => {
    const { storage, stored } = filled("a", "b");
    const [a] = stored as [Stored, Stored];
    const then = storage.revision;
    storage.delete("/things", "a", a);
    storage.create("/things", "c", object("c"));
    const names = (revision: number) =>
      storage.listAt("/things", "", revision).items.map(({ metadata }) => metadata.name);
    expect(names(then)).toEqual(["a", "b"]);
    expect(names(storage.revision)).toEqual(["b", "c"]);
  });

  it("tells subscribers later, in order, from where they ask", async () => {
    const { storage } = filled("a", "b");
    const heard: Change[] = [];
    storage.subscribe("/things", 2, (changes) => heard.push(...changes));
    storage.create("/things", "c", object("c"));
    storage.create("/others", "x", object("x"));
    expect(heard).toEqual([]);
    await flushPromises();
    expect(heard.map(({ key, type }) => [key, type])).toEqual([
      ["b", "ADDED"],
      ["c", "ADDED"],
    ]);
  });

  it("says nothing more after a subscription has ended, not even what was on its way", async () => {
    const { storage } = filled();
    const heard: Change[] = [];
    const stop = storage.subscribe("/things", storage.revision, (changes) => heard.push(...changes));
    storage.create("/things", "a", object("a"));
    stop();
    await flushPromises();
    expect(heard).toEqual([]);
  });

  it("answers 410 for what has left the window", () => {
    const { storage } = filled();
    for (let i = 0; i < 3000; i++) storage.create("/things", `n${i}`, object(`n${i}`));
    expect(() => storage.subscribe("/things", 1, () => undefined)).toThrow("too old resource version: 1");
    expect(() => storage.listAt("/things", "", 1)).toThrow("too old resource version");
  });

  it("restores a snapshot with its revision, and lets old watches go", () => {
    const { storage } = filled("a", "b");
    const copy = new Storage();
    copy.restore(storage.snapshot());
    expect(copy.list("/things", "")).toEqual(storage.list("/things", ""));
    expect(copy.create("/things", "c", object("c"))?.metadata.resourceVersion).toBe("4");
    expect(() => copy.subscribe("/things", 2, () => undefined)).toThrow("too old");
  });

  it("takes no more than it may hold, and takes again once something is gone", () => {
    const storage = new Storage({ bytes: 3_000, objectBytes: 2_000 });
    const sized = (name: string, size: number, extra: object = {}) => ({
      ...object(name, extra),
      data: "x".repeat(size),
    });
    const first = storage.create("/things", "a", sized("a", 1_800));
    const second = storage.create("/things", "b", sized("b", 500));
    if (!first || !second) throw new Error("not stored");
    const full = { code: 500, reason: "", message: "etcdserver: mvcc: database space exceeded" };
    expect(() => storage.create("/things", "c", sized("c", 900))).toThrow(expect.objectContaining(full));
    expect(() => storage.update("/things", "b", second, sized("b", 1_500))).toThrow(expect.objectContaining(full));
    expect(() => storage.create("/things", "d", sized("d", 2_000))).toThrow("etcdserver: request is too large");
    expect([storage.revision, storage.count("/things")]).toEqual([3, 2]);
    // What stands there may shrink, and say that it goes.
    const smaller = storage.update("/things", "b", second, sized("b", 400));
    const leaving = storage.update("/things", "a", first, sized("a", 1_900, { deletionTimestamp: "now" }));
    if (!smaller || !leaving) throw new Error("not stored");
    storage.delete("/things", "a", leaving);
    expect(storage.create("/things", "c", sized("c", 900))).toBeDefined();
    for (const key of ["b", "c"]) storage.delete("/things", key, storage.get("/things", key) ?? leaving);
    expect(storage.bytes).toBe(0);
  });

  it("forgets old changes of large objects sooner than those of small ones", () => {
    const storage = new Storage();
    let stored = storage.create("/things", "a", object("a"));
    for (let i = 0; i < 50 && stored; i++)
      stored = storage.update("/things", "a", stored, {
        ...object("a"),
        data: `${i}${"x".repeat(1_000_000)}`,
      } as object);
    expect(() => storage.listAt("/things", "", 5)).toThrow("too old resource version");
    expect(storage.listAt("/things", "", storage.revision - 5).items).toHaveLength(1);
  });
});
