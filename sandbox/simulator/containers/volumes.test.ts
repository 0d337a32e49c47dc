import { afterAll, expect, it } from "vitest";
import { writeAtomically } from "../kubelet/atomic-files";
import type { Volume } from "../kubelet/container-runtime";
import { SeededRandom } from "../random";
import { ContainerFixture } from "./container-fixture";

const fixture = new ContainerFixture();
const random = new SeededRandom(1);
const started: string[] = [];
afterAll(async () => {
  for (const id of started) await fixture.runtime.stopContainer(id, 0);
});

async function run(config: Parameters<ContainerFixture["run"]>[1]): Promise<(line: string) => Promise<string>> {
  const { id } = await fixture.run("busybox", { command: ["sleep", "3600"], ...config });
  started.push(id);
  return async (line) => {
    const { stdout, stderr } = await fixture.exec(id, ["sh", "-c", line]);
    return stdout + stderr;
  };
}

function give(volume: Volume, level: string): void {
  const file = { content: new TextEncoder().encode(level), mode: 0o644 };
  writeAtomically(volume, new Map([["level", file]]), { now: 0, random });
}

it("shows new content of a ConfigMap behind the same name, but not where only a part is mounted", async () => {
  const volume: Volume = { files: new Map() };
  give(volume, "info");
  const sh = await run({
    mounts: [
      { containerPath: "/all", readOnly: true, volume },
      { containerPath: "/one/level", readOnly: true, volume, subPath: "level" },
    ],
  });
  expect(await sh("cat /all/level /one/level; readlink /all/level; ls /all")).toBe("infoinfo..data/level\nlevel\n");
  give(volume, "debug");
  expect(await sh("cat /all/level; echo; cat /one/level")).toBe("debug\ninfo");
  expect(await sh("ls -a /all")).toMatch(/^\.\n\.\.\n\.\.1970_01_01_00_00_00\.\d+\n\.\.data\nlevel\n$/);
});

it("gives what is made in a volume to the pod's group, and lets its members write", async () => {
  const volume: Volume = { files: new Map(), group: 2000 };
  const sh = await run({
    user: 1000,
    group: 3000,
    groups: [2000],
    mounts: [{ containerPath: "/v", readOnly: false, volume }],
  });
  expect(await sh("id")).toBe("uid=1000 gid=3000 groups=2000,3000\n");
  expect(
    await sh(
      "echo hi > /v/f; mkdir /v/d; ls -ln /v | tail -n +2 | awk '{print $1, $3, $4, $9}'; ls -ldn /v | cut -c1-10",
    ),
  ).toBe("drwxr-sr-x 1000 2000 d\n-rw-r--r-- 1000 2000 f\ndrwxrwsrwx\n");
  expect(await sh("echo no > /etc/f")).toContain("Permission denied");
});
