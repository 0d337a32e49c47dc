import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Browser } from "@playwright/test";
import { Workbench } from "./workbench";

// What `npm start` does when it cannot, and beside another installation. No page is needed: one project is enough.
test.skip(({ isMobile }) => isMobile, "nothing here has a page, the desktop project runs it");

const FIRST = process.env.SLIPWAY_URL ?? "http://localhost:3000/";

test("says in one sentence what is wrong and what to do", async () => {
  const busy = createServer();
  const port = await new Promise<number>((resolve) => {
    busy.listen(0, "127.0.0.1", () => {
      const address = busy.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  try {
    const taken = await new Installation(port).ended();
    expect(taken.code).toBe(1);
    expect(taken.said).toContain(`slipway: Port ${port} is taken. Choose another: npm start -- --port ${port + 100}`);
  } finally {
    busy.close();
  }

  const noDatabase = await new Installation(await freePort(), {
    DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
  }).ended();
  expect(noDatabase.code).toBe(1);
  expect(noDatabase.said).toMatch(/slipway: No Postgres answers at 127\.0\.0\.1:9 .+ Start it, correct DATABASE_URL/);

  const noSuchPort = await new Installation(70_000).ended();
  expect(noSuchPort.said).toContain('slipway: "70000" is not a port.');
});

test("two installations on one machine do not touch each other; one with one place lets people wait", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const port = await freePort();
  const second = new Installation(port, { SLIPWAY_MAX_SANDBOXES: "1" });
  try {
    await second.ready();
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    expect((await fetch(FIRST)).status).toBe(200);
    await waitsForAPlace(browser, `http://localhost:${port}`);
  } finally {
    await second.stop();
  }
  expect(existsSync(join(second.stateDir, "run.json")), "it clears up after itself").toBe(false);
  await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();
  expect((await fetch(new URL("/healthz", FIRST))).status, "the first one did not notice").toBe(200);
});

/** The second learner is told their place and when it may be theirs; it is, as soon as the first one stops. */
async function waitsForAPlace(browser: Browser, baseURL: string): Promise<void> {
  const [first, second] = await Promise.all([browser.newContext({ baseURL }), browser.newContext({ baseURL })]);
  const one = await Workbench.open(await first.newPage());
  await one.start();
  const two = await Workbench.open(await second.newPage());
  await two.pane.getByRole("button", { name: "Start", exact: true }).click();
  await expect(two.pane).toContainText("You are number 1");
  await expect(two.pane).toContainText(/It is expected at about \d\d:\d\d, maybe earlier\./);

  await one.page.getByRole("button", { name: "Stop this sandbox" }).click();
  await one.page.getByRole("dialog").getByRole("button", { name: "Stop it" }).click();
  await expect(one.pane).toContainText("You stopped it.");
  await expect(two.pane).toContainText("Connected", { timeout: 40_000 });

  await one.pane.getByRole("button", { name: "Go on from there" }).click();
  await expect(one.pane).toContainText("You are number 1");
  await one.pane.getByRole("button", { name: "Leave the queue" }).click();
  await expect(one.pane).toContainText("You stopped it.");
  await Promise.all([first.close(), second.close()]);
}

/** `npm start` with a state directory and an instance id of its own. */
class Installation {
  readonly stateDir = mkdtempSync(join(tmpdir(), "sw-"));
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #said = "";

  constructor(port: number, env: Record<string, string> = {}) {
    const own = { SLIPWAY_STATE_DIR: this.stateDir, SLIPWAY_INSTANCE: `t${randomBytes(3).toString("hex")}` };
    this.#child = spawn(process.execPath, ["bin/slipway.mjs", "start", "--port", String(port)], {
      env: { ...process.env, ...own, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
    this.#exit = new Promise((resolve) => this.#child.on("exit", resolve));
  }

  async ready(): Promise<void> {
    await expect.poll(() => this.#said, { timeout: 60_000 }).toContain("Slipway is ready at");
  }

  async ended(): Promise<{ code: number | null; said: string }> {
    const code = await this.#exit;
    rmSync(this.stateDir, { recursive: true, force: true });
    return { code, said: this.#said };
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGINT");
    await this.#exit;
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
