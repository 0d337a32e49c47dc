import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

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

test("two installations on one machine do not touch each other", async () => {
  test.setTimeout(120_000);
  const port = await freePort();
  const second = new Installation(port);
  try {
    await second.ready();
    expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
    expect((await fetch(FIRST)).status).toBe(200);
  } finally {
    await second.stop();
  }
  expect(existsSync(join(second.stateDir, "run.json")), "it clears up after itself").toBe(false);
  await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();
  expect((await fetch(new URL("/healthz", FIRST))).status, "the first one did not notice").toBe(200);
});

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
