import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "./standalone";

describe("the stand-alone cluster", () => {
  let folder: string;
  let said: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sim-"));
    said = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
    vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it.each<[string[], RegExp]>([
    [[], /--kubeconfig says where/],
    [["--kubeconfig", "k", "--profile", "half"], /--profile is full or control-plane, not "half"\./],
    [["--kubeconfig", "k", "--nodes", "none"], /--nodes is a whole number from 1 to 50, not "none"\./],
    [["--kubeconfig", "k", "--port", "70000"], /--port is a whole number from 0 to 65535/],
    [["--kubeconfig", "k", "--port", "1", "--socket", "s"], /--port or --socket, not both/],
    [["--kubeconfig", "k", "--addon", "magic"], /there is no add-on "magic"/],
    [["--kubeconfig", "k", "--what"], /Unknown option '--what'/],
  ])("refuses %j in one sentence", async (argv, sentence) => {
    expect(await run(argv)).toBe(2);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(sentence);
  });

  it("says that a port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    expect(await run(["--kubeconfig", join(folder, "kubeconfig"), "--port", port])).toBe(1);
    expect(said.join("")).toContain("the port or socket is taken");
    expect(readdirSync(folder)).toEqual([]);
    await new Promise((resolve) => taken.close(resolve));
  });

  it("writes a kubeconfig for its owner alone once it is ready, and stops when told", async () => {
    const kubeconfig = join(folder, "kubeconfig");
    const ended = run(["--kubeconfig", kubeconfig, "--token", "secret", "--nodes", "2"]);
    await vi.waitFor(() => expect(said.join("")).toMatch(/^cluster ready in \d+ ms: KUBECONFIG=/), { timeout: 15_000 });
    expect(readdirSync(folder)).toEqual(["kubeconfig"]);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    const text = readFileSync(kubeconfig, "utf8");
    expect(text).toContain("token: secret");
    expect(text).toMatch(/server: https:\/\/127\.0\.0\.1:\d+/);
    process.emit("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("serves on a socket under the address that a relay has", async () => {
    const kubeconfig = join(folder, "kubeconfig");
    const ended = run(["--kubeconfig", kubeconfig, "--socket", join(folder, "api.sock"), "--profile", "control-plane"]);
    await vi.waitFor(() => expect(readdirSync(folder)).toContain("kubeconfig"), { timeout: 15_000 });
    expect(statSync(join(folder, "api.sock")).isSocket()).toBe(true);
    expect(readFileSync(kubeconfig, "utf8")).toContain("server: https://127.0.0.1:6443");
    process.emit("SIGTERM");
    expect(await ended).toBe(0);
  });
});
