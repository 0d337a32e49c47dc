import { afterAll, beforeAll, expect, it } from "vitest";
import type { ExecSession } from "../../../api/node-api";
import { ContainerFixture } from "../../container-fixture";

const fixture = new ContainerFixture();
let id = "";
beforeAll(async () => {
  id = (await fixture.run("busybox", { command: ["sleep", "3600"] })).id;
});
afterAll(() => fixture.runtime.stopContainer(id, 0));

async function sit(command: string[]): Promise<{ session: ExecSession; screen: () => string }> {
  const session = await fixture.runtime.exec(id, { command, stdin: true, stdout: true, stderr: false, tty: true });
  let screen = "";
  const decoder = new TextDecoder();
  void (async () => {
    for (let chunk = await session.stdout.read(); chunk; chunk = await session.stdout.read())
      screen += decoder.decode(chunk, { stream: true });
  })();
  return { session, screen: () => screen };
}

const type = (session: ExecSession, keys: string): Promise<void> => session.stdin.write(new TextEncoder().encode(keys));

it("edits a file on a terminal, on a screen of its own", async () => {
  const { session, screen } = await sit(["vi", "/tmp/f"]);
  await expect.poll(screen).toContain("- /tmp/f 1/1 100%");
  await type(session, "ihello\rworld");
  await expect.poll(screen).toContain("I /tmp/f [Modified] 2/2 100%");
  await type(session, "\x1b[A\x1b");
  await expect.poll(screen).toContain("- /tmp/f [Modified] 1/2 50%");
  await type(session, ":wq\r");
  expect((await session.exit).code).toBe(0);
  expect(screen().startsWith("\x1b[?1049h")).toBe(true);
  expect(screen().endsWith("\x1b[?1049l")).toBe(true);
  expect((await fixture.exec(id, ["cat", "/tmp/f"])).stdout).toBe("hello\nworld\n");
});

it("pages through what does not fit, and finds things in it", async () => {
  const { session, screen } = await sit(["sh", "-c", "seq 100 | less"]);
  await expect.poll(screen).toContain("\x1b[24;1H\x1b[K:");
  await type(session, "/^77\r");
  await expect.poll(screen).toContain("\x1b[1;1H\x1b[K77");
  await type(session, "G");
  await expect.poll(screen).toContain("(END)");
  await type(session, "q");
  expect((await session.exit).code).toBe(0);
});

it("shows a screenful and asks for more", async () => {
  const { session, screen } = await sit(["sh", "-c", "seq 40 | more"]);
  await expect.poll(screen).toContain("23\r\n--More-- ");
  expect(screen()).not.toContain("24");
  await type(session, " ");
  await expect.poll(screen).toContain("40\r\n");
  expect((await session.exit).code).toBe(0);
});
