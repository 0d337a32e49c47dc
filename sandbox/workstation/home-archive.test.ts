import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { HOME_FORMAT, placesIn, restoreHome } from "./home-archive";
import type { Workstation } from "./workstation";

/** One file for each version of the format that was ever stored, as it was written then: a whole home, then a change. */
const SAMPLES = join(import.meta.dirname, "samples");
const sampleSchema = z.object({ format: z.number(), saves: z.array(z.base64()) });
const samples = readdirSync(SAMPLES).map((file) => {
  const { format, saves } = sampleSchema.parse(JSON.parse(readFileSync(join(SAMPLES, file), "utf8")));
  return { format, saves: saves.map((save) => Buffer.from(save, "base64")) };
});

let home: string;
let workstation: Pick<Workstation, "command">;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "slipway-home-"));
  workstation = {
    command: (_id, { argv } = {}) => {
      const [program = "/bin/true", ...args] = argv ?? [];
      return Promise.resolve({ argv: [program, ...args], env: { PATH: "/usr/bin:/bin", HOME: home }, cwd: "/" });
    },
  };
});
afterEach(() => {
  rmSync(home, { recursive: true });
});

const read = (path: string): string => readFileSync(join(home, path), "utf8");

describe("a stored save of a home", () => {
  it("has a sample of each version, of today's too", () => {
    expect(samples.map(({ format }) => format).sort()).toEqual(
      Array.from({ length: HOME_FORMAT }, (_, index) => index + 1),
    );
  });

  it.each(samples)(
    "of version $format can be restored: files, modes, links, what is gone, where shells were",
    async ({ saves }) => {
      await restoreHome(workstation, "one", saves, "https://127.0.0.1:6443");
      expect(read("work/kept.txt")).toBe("kept\n");
      expect(read("work/changed.txt")).toBe("newer\n");
      expect(read("work/deep/later ümlaut.txt")).toBe("later\n");
      expect(statSync(join(home, "work/run.sh")).mode & 0o777).toBe(0o755);
      expect(readlinkSync(join(home, "link"))).toBe("work/kept.txt");
      expect(lstatSync(join(home, "gone after.txt"), { throwIfNoEntry: false })).toBeUndefined();
      expect(read(".kube/config")).toContain("server: https://127.0.0.1:6443\n");
      expect(saves.map(placesIn)).toEqual([
        { main: "/home/learner/work" },
        { main: "/home/learner/work/deep", "2": "/home/learner" },
      ]);
    },
  );

  it.each(samples)("of version $format that is damaged is refused", async ({ saves: [whole] }) => {
    const half = whole?.subarray(0, whole.length - 40) ?? Buffer.alloc(0);
    await expect(restoreHome(workstation, "one", [half], "https://127.0.0.1:6443")).rejects.toThrow(/the home/);
    expect(() => placesIn(Buffer.from("no header\n"))).toThrow();
  });
});
