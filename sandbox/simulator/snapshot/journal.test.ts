import { describe, expect, it } from "vitest";
import type { Stored } from "../api/object";
import { Storage } from "../apiserver/storage";
import { decodeSnapshot, encodeSnapshot, SnapshotError } from "./cluster-snapshot";
import { encodeChange, replay } from "./journal";

const object = (name: string, extra: object = {}) => ({ metadata: { name }, ...extra });

/** A store whose writes are followed, with what it was before and the lines since. */
function followed() {
  const storage = new Storage();
  storage.create("/things", "old", object("old"));
  const before = storage.snapshot();
  const lines: string[] = [];
  storage.follow((change) => lines.push(encodeChange(change)));
  const a = storage.create("/things", "a", object("a")) as Stored;
  storage.update("/things", "a", a, object("a", { data: "é\n\u2028" }));
  storage.create("/others", "b", object("b"));
  const old = storage.get("/things", "old") as Stored;
  storage.delete("/things", "old", old);
  return { storage, before, lines };
}

describe("a journal", () => {
  it("has each write before the call returns, and brings a snapshot up to date", () => {
    const { storage, before, lines } = followed();
    expect(lines).toHaveLength(4);
    expect(lines.every((line) => !line.includes("\n"))).toBe(true);
    expect(replay(before, lines)).toEqual(storage.snapshot());
  });

  it("goes on from a later snapshot as well, and lets a restored store go on counting", () => {
    const { storage, before, lines } = followed();
    const later = replay(before, lines.slice(0, 2));
    const restored = new Storage();
    restored.restore(replay(later, lines));
    expect(restored.snapshot()).toEqual(storage.snapshot());
    expect(restored.create("/things", "c", object("c"))?.metadata.resourceVersion).toBe("7");
    expect(() => restored.subscribe("/things", 3, () => {})).toThrow("too old resource version: 3 (6)");
  });

  it("leaves out a last line that broke off, and refuses damage before that or a gap", () => {
    const { before, lines } = followed();
    const [first = "", second = "", third = "", fourth = ""] = lines;
    expect(replay(before, [first, second, third.slice(0, 20)]).revision).toBe(4);
    expect(() => replay(before, [first, second.slice(0, 20), third])).toThrow("damaged after revision 3");
    expect(() => replay(before, [first, third, fourth])).toThrow("lacks what follows revision 3");
  });
});

describe("a snapshot as text", () => {
  it("comes back as it was", async () => {
    const { storage } = followed();
    expect(await decodeSnapshot(await encodeSnapshot(storage.snapshot()))).toEqual(storage.snapshot());
  });

  it.each([
    ["nothing", () => "", "this is no snapshot of a cluster"],
    ["something else", () => '{"a":1}\n{}\n', "this is no snapshot of a cluster"],
    ["a later version", (text: string) => text.replace('"version":1', '"version":9'), "has version 9; known is 1"],
    ["a changed letter", (text: string) => text.replace('"name":"a"', '"name":"x"'), "damaged"],
    ["half of it", (text: string) => text.slice(0, text.length / 2), "damaged"],
  ])("is refused when it is %s", async (_, change, why) => {
    const text = change(await encodeSnapshot(followed().storage.snapshot()));
    await expect(decodeSnapshot(text)).rejects.toThrow(SnapshotError);
    await expect(decodeSnapshot(text)).rejects.toThrow(why);
  });
});
