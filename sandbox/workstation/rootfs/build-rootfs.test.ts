import { mkdtempSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, readlink, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunCommand } from "../run-command";
import { WorkstationError } from "../workstation";
import { ensureRootfs, rootfsPath } from "./build-rootfs";
import { MOUNTED_DIRECTORIES, MOUNTED_FILES } from "./places";

let cacheDir: string;
let calls: string[];

beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "slipway-rootfs-"));
  calls = [];
});
afterEach(async () => rm(cacheDir, { recursive: true, force: true }));

/** Unpacks as little as the steps after it need. */
const unpack: RunCommand = async (file, args) => {
  calls.push(file);
  const target = args.at(-1);
  if (!args.includes("mmdebstrap") || target === undefined) return "";
  for (const folder of ["usr/bin", "usr/share/ca-certificates/mozilla", "usr/share/doc/bash", "etc"]) {
    await mkdir(join(target, folder), { recursive: true });
  }
  await symlink("usr/bin", join(target, "bin"));
  await writeFile(join(target, "usr/share/ca-certificates/mozilla/a.crt"), "AUTHORITY\n");
  await writeFile(join(target, "usr/bin/su"), "");
  await chmod(join(target, "usr/bin/su"), 0o4755);
  await symlink("/etc/passwd", join(target, "etc/hosts"));
  return "";
};

const build = (run: RunCommand = unpack): Promise<string> => ensureRootfs({ cacheDir, run, progress: () => undefined });

describe("the root file system of workstations", () => {
  it("has its mount points, our files, the links, and nothing that raises rights", async () => {
    const root = await build();
    for (const path of MOUNTED_DIRECTORIES) expect(statSync(join(root, path)).isDirectory(), path).toBe(true);
    for (const path of MOUNTED_FILES) expect(statSync(join(root, path)).isFile(), path).toBe(true);
    expect(await readFile(join(root, "etc/ssl/certs/ca-certificates.crt"), "utf8")).toBe("AUTHORITY\n");
    expect(await readlink(join(root, "usr/bin/vim"))).toBe("vim.tiny");
    expect(statSync(join(root, "usr/bin/su")).mode & 0o7777).toBe(0o755);
    expect(statSync(join(root, "usr/lib/slipway/enter")).mode & 0o111).toBe(0o111);
    expect(await readdir(join(root, "usr/share"))).not.toContain("doc");
  });

  it("never writes through a link that a package brought", async () => {
    const before = await readFile("/etc/passwd", "utf8");
    const root = await build();
    expect(await readFile("/etc/passwd", "utf8")).toBe(before);
    expect(await readFile(join(root, "etc/hosts"), "utf8")).toContain("localhost");
  });

  it("is built once", async () => {
    const first = await build();
    calls = [];
    expect(await build()).toBe(first);
    expect(calls).toEqual([]);
  });

  it("is the same for builders that run at once, and nothing is left beside it", async () => {
    const paths = await Promise.all([build(), build(), build()]);
    expect(new Set(paths)).toEqual(new Set([rootfsPath(cacheDir)]));
    expect(await readdir(dirname(rootfsPath(cacheDir)))).toHaveLength(1);
  });

  it("fails with one sentence and leaves nothing behind", async () => {
    const failing: RunCommand = () =>
      Promise.reject(new WorkstationError("command-failed", "mmdebstrap ended with 25: I: start\nE: no network\nmore"));
    await expect(build(failing)).rejects.toMatchObject({
      code: "rootfs-failed",
      message: "the shells' root file system could not be made: E: no network",
    });
    expect(await readdir(dirname(rootfsPath(cacheDir)))).toEqual([]);
  });

  it("says so when it would lie in a private folder, where no shell could enter", async () => {
    await chmod(cacheDir, 0o700);
    const inside = ensureRootfs({ cacheDir: join(cacheDir, "cache"), run: unpack, progress: () => undefined });
    await expect(inside).rejects.toMatchObject({
      code: "rootfs-failed",
      message: expect.stringContaining(cacheDir) as string,
    });
    expect(calls).toEqual([]);
  });

  it("can be entered by all, whatever mask the installation runs under", async () => {
    const before = process.umask(0o077);
    try {
      const root = await build();
      for (const path of [cacheDir, dirname(root), root, join(root, "home"), join(root, "usr/lib/slipway")]) {
        expect(statSync(path).mode & 0o005, path).toBe(0o005);
      }
    } finally {
      process.umask(before);
    }
  });

  it("sweeps up what a builder that died has left, but not what another one is building", async () => {
    const parent = dirname(rootfsPath(cacheDir));
    for (const name of [".building-old", ".building-new"]) await mkdir(join(parent, name), { recursive: true });
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(parent, ".building-old"), longAgo, longAgo);
    await build();
    const names = await readdir(parent);
    expect(names).toContain(".building-new");
    expect(names).not.toContain(".building-old");
  });
});
