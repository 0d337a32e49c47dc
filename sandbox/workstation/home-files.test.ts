import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readHome } from "./home-files";
import { tarOf } from "./tar";

let folder: string;
let home: string;
let state: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-home-"));
  home = join(folder, "home");
  state = join(folder, "state");
  for (const path of [home, state]) mkdirSync(path);
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("a home that is read", () => {
  it("is the same once it is unpacked, whatever its names are", async () => {
    const long = `${"d".repeat(120)}/${"f".repeat(200)}`;
    mkdirSync(join(home, "d".repeat(120)));
    writeFileSync(join(home, long), "far away");
    writeFileSync(join(home, "für\n später"), Buffer.alloc(1024, 7));
    writeFileSync(join(home, "run"), "#!/bin/sh\n");
    chmodSync(join(home, "run"), 0o4751);
    symlinkSync("x".repeat(150), join(home, "link"));
    const { changed } = await readHome(home, state);

    const back = join(folder, "back");
    mkdirSync(back);
    execFileSync("tar", ["-xp", "-f", "-"], { cwd: back, input: tarOf(changed) });
    expect(readdirSync(back, { recursive: true }).sort()).toEqual(readdirSync(home, { recursive: true }).sort());
    expect(readFileSync(join(back, long), "utf8")).toBe("far away");
    expect(readFileSync(join(back, "für\n später"))).toEqual(Buffer.alloc(1024, 7));
    expect(statSync(join(back, "run")).mode & 0o777).toBe(0o751);
    expect(statSync(join(back, "run")).mtimeMs).toBe(Math.floor(statSync(join(home, "run")).mtimeMs / 1000) * 1000);
    expect(readlinkSync(join(back, "link"))).toBe("x".repeat(150));
  });

  it("is taken without what is known already, and without caches", async () => {
    mkdirSync(join(home, ".kube/cache"), { recursive: true });
    writeFileSync(join(home, ".kube/cache/discovery"), "big");
    writeFileSync(join(home, "one"), "1");
    writeFileSync(join(home, "two"), "2");
    const first = await readHome(home, state);
    expect(first.changed.map(({ path }) => path)).toEqual(["./.kube", "./one", "./two"]);
    expect((await readHome(home, state, first.manifest)).changed).toEqual([]);
    rmSync(join(home, "one"));
    writeFileSync(join(home, "two"), "22");
    const second = await readHome(home, state, first.manifest);
    expect(second.changed.map(({ path }) => path)).toEqual(["./two"]);
    expect(second.manifest.has("./one")).toBe(false);
  });

  it("leads nowhere else: links and pipes are not opened", async () => {
    writeFileSync(join(folder, "secret"), "canary");
    symlinkSync(folder, join(home, "out"));
    symlinkSync(join(folder, "secret"), join(home, "link"));
    symlinkSync(join(folder, "secret"), join(state, "place.main"));
    execFileSync("mkfifo", [join(home, "pipe"), join(state, "place.2")]);
    writeFileSync(join(state, "place.3"), "~/here");
    const { manifest, changed } = await readHome(home, state);
    expect(changed.map(({ path, type }) => `${path} ${type}`)).toEqual(["./link link", "./out link"]);
    expect([...manifest.keys()]).toEqual(["place.3", "./link", "./out"]);
    expect(tarOf(changed).includes("canary")).toBe(false);
  });

  it("is not followed where it ends in a link itself", async () => {
    symlinkSync("/etc", join(folder, "elsewhere"));
    await expect(readHome(join(folder, "elsewhere"), state)).rejects.toThrow(/ENOTDIR|ELOOP/);
  });
});
