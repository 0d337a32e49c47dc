import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeChange } from "../snapshot/journal";
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

  it("goes on with what it kept, and refuses what it cannot read", async () => {
    const [kubeconfig, state] = [join(folder, "kubeconfig"), join(folder, "state")];
    const argv = ["--kubeconfig", kubeconfig, "--state", state, "--profile", "control-plane"];
    const runOnce = async (): Promise<string> => {
      said.length = 0;
      const ended = run(argv);
      const isReady = () => expect(said.join("")).toContain("cluster ready");
      await vi.waitFor(isReady, { timeout: 15_000 });
      process.emit("SIGTERM");
      expect(await ended).toBe(0);
      return readFileSync(kubeconfig, "utf8");
    };
    const authorityIn = (text: string) => /certificate-authority-data: (\S+)/.exec(text)?.[1];
    const uidOf = (text: string) =>
      /"name":"default","uid":"([^"]+)"/.exec(text)?.[1] ?? /"uid":"([^"]+)"/.exec(text)?.[1];
    const first = await runOnce();
    const kept = readFileSync(state, "utf8");
    const { revision } = JSON.parse(kept.split("\n")[1] ?? "") as { revision: number };
    const next = revision + 100;
    const metadata = { name: "late", namespace: "default", uid: "u", resourceVersion: String(next) };
    const lines = Array.from({ length: 100 }, (_, index) =>
      encodeChange({
        revision: revision + 1 + index,
        collection: "/configmaps",
        key: "default/late",
        type: "MODIFIED",
        object: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { ...metadata, creationTimestamp: "2026-01-01T00:00:00Z" },
        },
        bytes: 0,
      }),
    );
    // As a run leaves it that was killed while it wrote.
    writeFileSync(`${state}.journal`, `${lines.join("\n")}\n01234`);
    const second = await runOnce();
    expect(authorityIn(second)).toBe(authorityIn(first));
    expect(uidOf(readFileSync(state, "utf8"))).toBe(uidOf(kept));
    expect(readFileSync(state, "utf8")).toContain('["default/late",');
    writeFileSync(state, kept.replace('"revision"', '"revisiom"'));
    said.length = 0;
    expect(await run(argv)).toBe(1);
    expect(said.join("")).toContain("slipway: the snapshot is damaged");
  });
});
