import { expect, it } from "vitest";
import { SeededRandom } from "../random";
import { fileAt, writeAtomically } from "./atomic-files";
import type { Volume, VolumeFile } from "./container-runtime";

const moment = { now: Date.UTC(2026, 0, 31, 8, 5, 9), random: new SeededRandom(1) };
const text = (content: string): VolumeFile => ({ content: new TextEncoder().encode(content), mode: 0o644 });
const read = (volume: Volume, path: string): string | undefined => {
  const file = fileAt(volume, path);
  return file && new TextDecoder().decode(file.content);
};
const links = (volume: Volume): Record<string, string> =>
  Object.fromEntries(
    [...volume.files]
      .filter(([, { mode }]) => mode === 0o120777)
      .map(([path, { content }]) => [path, new TextDecoder().decode(content)]),
  );

it("puts files into a folder of their time, which names lead to through ..data", () => {
  const volume: Volume = { files: new Map() };
  writeAtomically(
    volume,
    new Map([
      ["level", text("info")],
      ["deep/er", text("x")],
    ]),
    moment,
  );
  const folder = links(volume)["..data"] ?? "";
  expect(folder).toMatch(/^\.\.2026_01_31_08_05_09\.\d+$/);
  expect(links(volume)).toEqual({ "..data": folder, level: "..data/level", deep: "..data/deep" });
  expect(read(volume, "deep/er")).toBe("x");
});

it("changes all of them at once, takes what is gone away and leaves who holds the old ones with them", () => {
  const volume: Volume = { files: new Map() };
  writeAtomically(
    volume,
    new Map([
      ["a", text("1")],
      ["b", text("1")],
    ]),
    moment,
  );
  const before = links(volume)["..data"];
  const held = fileAt(volume, "a");
  writeAtomically(volume, new Map([["a", text("2")]]), moment);
  expect(links(volume)).toEqual({ "..data": links(volume)["..data"], a: "..data/a" });
  expect(links(volume)["..data"]).not.toBe(before);
  expect([...volume.files.keys()].some((path) => path.startsWith(`${before}/`))).toBe(false);
  expect(read(volume, "a")).toBe("2");
  expect(new TextDecoder().decode(held?.content)).toBe("1");
});

it("leaves everything as it is when nothing changed", () => {
  const volume: Volume = { files: new Map() };
  writeAtomically(volume, new Map([["a", text("1")]]), moment);
  const before = [...volume.files];
  writeAtomically(volume, new Map([["a", text("1")]]), moment);
  expect([...volume.files]).toEqual(before);
});
