import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WriteJournal } from "./write-journal";

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe("a journal on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function begun(): { journal: WriteJournal; lines: () => string[] } {
    const path = join(folder, "j");
    const journal = new WriteJournal(path);
    journal.hold();
    journal.write("early");
    journal.renew();
    return { journal, lines: () => readFileSync(path, "utf8").trimEnd().split("\n") };
  }

  it("has each line before the call returns, those from before it was opened too", () => {
    const { journal, lines } = begun();
    journal.write("é");
    expect(lines()).toEqual(["early", "é"]);
    expect(journal.bytes).toBe(Buffer.byteLength("early\né\n"));
    journal.close();
  });

  it("begins anew with what came since it was told to hold", () => {
    const { journal, lines } = begun();
    journal.write("old");
    journal.hold();
    journal.write("new");
    expect(lines()).toEqual(["early", "old", "new"]);
    journal.renew();
    journal.write("newer");
    expect(lines()).toEqual(["new", "newer"]);
    journal.close();
  });

  it.skipIf(!canMount)("says when the disk is full, and goes on where it was when there is room", () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    try {
      const { journal, lines } = begun();
      const ballast = join(folder, "ballast");
      writeFileSync(ballast, Buffer.alloc(56 * 1024));
      journal.write("fits");
      expect(journal.fault).toBeUndefined();
      journal.write("x".repeat(10_000));
      expect(journal.fault).toMatchObject({ code: "ENOSPC" });
      journal.write("later");
      unlinkSync(ballast);
      journal.flush();
      expect(journal.fault).toBeUndefined();
      expect(lines()).toEqual(["early", "fits", "x".repeat(10_000), "later"]);
      journal.close();
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});
