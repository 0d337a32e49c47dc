import { describe, expect, it } from "vitest";
import { ensurePrerequisites } from "./prerequisites";
import { WorkstationError } from "./workstation";

const DEBIAN = "NAME=x\nID=debian\n";
const UBUNTU = "ID=ubuntu\nID_LIKE=debian\n";

function recorder(failing: (line: string) => boolean = () => false) {
  const lines: string[] = [];
  const run = (file: string, args: readonly string[]): Promise<string> => {
    const line = [file, ...args].join(" ");
    lines.push(line);
    return failing(line)
      ? Promise.reject(new WorkstationError("command-failed", "no such package"))
      : Promise.resolve("");
  };
  return { lines, run };
}

describe.skipIf(process.platform !== "linux")("what containers need", () => {
  it("is installed when it is missing, as root on Debian and Ubuntu", async () => {
    for (const osRelease of [DEBIAN, UBUNTU]) {
      const { lines, run } = recorder();
      const said: string[][] = [];
      const progress = ({ installing }: { installing: readonly string[] }) => void said.push([...installing]);
      const result = await ensurePrerequisites({ run, progress, uid: 0, path: "/nowhere", osRelease });
      expect(result).toMatchObject({ ok: true });
      expect(said[0]).toEqual(expect.arrayContaining(["runc", "mmdebstrap"]));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^apt-get install --yes --no-install-recommends runc mmdebstrap/);
    }
  });

  it("is looked for in fresh package lists when the first try fails", async () => {
    let tries = 0;
    const { lines, run } = recorder((line) => line.includes("install") && tries++ === 0);
    const result = await ensurePrerequisites({ run, uid: 0, path: "/nowhere", osRelease: DEBIAN });
    expect(result).toMatchObject({ ok: true });
    expect(lines.map((line) => line.split(" ")[1])).toEqual(["install", "update", "install"]);
  });

  it("is asked for in words when it cannot be installed", async () => {
    const { run } = recorder(() => true);
    const failed = await ensurePrerequisites({ run, uid: 0, path: "/nowhere", osRelease: DEBIAN });
    expect(failed).toMatchObject({
      ok: false,
      code: "install-failed",
      advice: expect.stringContaining("apt-get install runc") as string,
    });
    const elsewhere = await ensurePrerequisites({ run, uid: 0, path: "/nowhere", osRelease: "ID=arch" });
    expect(elsewhere).toMatchObject({
      ok: false,
      code: "unknown-system",
      advice: expect.stringContaining("runc") as string,
    });
    const nobody = await ensurePrerequisites({ run, uid: 1000, osRelease: DEBIAN });
    expect(nobody).toMatchObject({ ok: false, code: "not-root", advice: expect.stringContaining("root") as string });
  });
});
