import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContainerFixture } from "../container-fixture";
import { SCRIPTS } from "./shell-scripts";
import { EVERYDAY_SCRIPTS } from "./shell-scripts-everyday";

/** The same scripts on our shell and on the real one: what they print and how they end must be equal. */
function compareWithReal(name: string, image: string, program: string): void {
  const path = which(program);
  describe.skipIf(path === undefined)(
    `${name}${path === undefined ? ` (skipped: no ${program} on this machine)` : ""}`,
    () => {
      const fixture = new ContainerFixture();
      let id = "";
      let folder = "";
      beforeAll(async () => {
        id = (await fixture.run(image, { command: ["sh", "-c", "trap exit TERM; while :; do sleep 1000; done"] })).id;
        folder = mkdtempSync(join(tmpdir(), "shell-"));
        symlinkSync(path ?? "", join(folder, "sh"));
      });
      afterAll(async () => {
        rmSync(folder, { recursive: true });
        await fixture.runtime.stopContainer(id, 0);
      });

      const real = (args: string[], input: string): { stdout: string; stderr: string; code: number | null } => {
        const work = mkdtempSync(join(folder, "work-"));
        const result = spawnSync("sh", args, {
          argv0: "sh",
          cwd: work,
          input,
          encoding: "utf8",
          env: { NODE_ENV: "test", PATH: `${folder}:/usr/bin:/bin`, HOME: "/root" },
          timeout: 10_000,
        });
        return {
          stdout: result.stdout,
          stderr: result.stderr,
          code: result.signal ? 128 + constants.signals[result.signal] : result.status,
        };
      };
      const ours = async (args: string[], input: string): Promise<{ stdout: string; stderr: string; code: number }> => {
        const prepare = 'rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work; unset OLDPWD; exec "$@"';
        return fixture.exec(id, ["env", "HOME=/root", "sh", "-c", prepare, "prepare", "sh", ...args], input);
      };

      it.each([...SCRIPTS, ...EVERYDAY_SCRIPTS])("runs %j", async (script) => {
        expect(await ours(["-c", script], "")).toEqual(real(["-c", script], ""));
      });

      it.each(SCRIPTS.filter((script) => !script.includes("read")))("runs %j from standard input", async (script) => {
        expect(await ours([], `${script}\n`)).toEqual(real([], `${script}\n`));
      });
    },
  );
}

function which(program: string): string | undefined {
  try {
    return execFileSync("which", [program], { encoding: "utf8" }).trim();
  } catch {
    // `which` fails where there is none.
    return undefined;
  }
}

compareWithReal("sh of busybox", "busybox", "busybox");
compareWithReal("sh of Debian", "nginx", "dash");
