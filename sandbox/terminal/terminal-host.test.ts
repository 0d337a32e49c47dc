import { readFile, rm, stat } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { greetingSchema } from "../protocol/version";
import { terminalListSchema, terminalViewSchema } from "../protocol/terminal-host-api";
import { BASH, bundleTerminalHost, TerminalHostBed } from "./terminal-host-bed";

let script: string;
let host: TerminalHostBed;

beforeAll(async () => {
  script = await bundleTerminalHost();
});
afterAll(async () => {
  await rm(script, { force: true });
});
beforeEach(async () => {
  host = new TerminalHostBed(script);
  await host.start();
});
afterEach(async () => {
  await host.clean();
});

async function shell(id: string) {
  expect((await host.call("POST", "/v1/terminals", { id, ...BASH })).status).toBe(201);
  const viewer = host.attach(id);
  await viewer.sees("ready> ");
  return viewer;
}

async function residentKb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

/** A zombie has ended; who reaps it is not our concern. */
async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /.test(stat);
}

describe("the terminal-host", () => {
  it("greets with protocol and instance, on a socket for its own user alone", async () => {
    const greeting = greetingSchema.parse((await host.call("GET", "/v1/hello")).body);
    expect(greeting).toMatchObject({ instance: "test-one", process: "terminal-host", pid: host.pid });
    expect((await stat(host.socketPath)).mode & 0o777).toBe(0o600);
  });

  it("runs a shell: typed input, output, resize, exit code", async () => {
    const viewer = await shell("a");
    viewer.send({ type: "resize", columns: 101, rows: 31 });
    viewer.type("stty size; echo $((6*7))\r");
    await viewer.sees("31 101\r\n42\r\n");
    viewer.type("exit 7\r");
    await viewer.until(() => viewer.frames.some((frame) => frame.type === "exit"), "exit");
    expect(viewer.frames.at(-1)).toEqual({ type: "exit", code: 7 });
    const view = terminalViewSchema.parse((await host.call("GET", "/v1/terminals/a")).body);
    expect(view.state).toEqual({ phase: "exited", code: 7 });
    expect(view.lastInputAt).not.toBeNull();
  });

  it("gives each terminal nothing but its own three descriptors and environment", async () => {
    await shell("one");
    await shell("two");
    const viewer = await shell("three");
    viewer.type("ls -xw0 /proc/$$/fd; echo en''d; tr '\\0' ' ' </proc/$$/environ; echo; echo do''ne-\r");
    await viewer.sees("done-\r\n");
    const listed = /\r([\d ]+)\r\nend\r\n/.exec(viewer.text)?.[1] ?? "";
    const numbers = listed.split(/ +/).map(Number);
    // 255 is bash's own copy of its terminal.
    expect(numbers.filter((number) => number !== 255)).toEqual([0, 1, 2]);
    expect(viewer.text).toContain("PS1=ready> ");
    expect(viewer.text).not.toContain("canary");
  });

  it("gives a viewer that is cut off again and again every byte once", async () => {
    const viewer = await shell("a");
    viewer.type("for i in {1..20000}; do echo line-$i; done; echo fin''ished\r");
    await viewer.sees("line-1\r\n");
    let whole = "";
    let current = viewer;
    for (let cut = 0; cut < 6; cut++) {
      const target = current.received + 5_000;
      await current.until((one) => one.received > target || one.text.includes("finished"), "some more");
      current.socket.terminate();
      await current.closed();
      whole += current.text;
      current = host.attach("a", current.seq);
    }
    await current.sees("finished");
    whole += current.text;
    expect(current.frames.find((frame) => frame.type === "replay")).toMatchObject({ lost: 0 });
    const numbers = [...whole.matchAll(/line-(\d+)\r\n/g)].map((match) => Number(match[1]));
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });

  it("stays small under a flood that nobody draws, and Ctrl-C ends it", async () => {
    const viewer = await shell("a");
    const before = await residentKb(host.pid);
    const stalled = host.attach("a", undefined, false);
    await stalled.until(() => stalled.frames.some((frame) => frame.type === "replayed"), "replay");
    stalled.send({ type: "focus", focused: true });
    viewer.type("yes floodfloodfloodfloodflood\r");
    await stalled.until(() => stalled.received >= 128 * 1024, "a full window");
    // The front viewer draws nothing, so the terminal must stand still: nothing more comes for a while.
    const seqOf = async () => terminalViewSchema.parse((await host.call("GET", "/v1/terminals/a")).body).seq;
    const seq = await seqOf();
    for (let call = 0; call < 100; call++) await host.call("GET", "/v1/hello");
    expect(await seqOf()).toBe(seq);
    viewer.send({ type: "focus", focused: true });
    await viewer.until(() => viewer.received > 60_000_000, "60 MB of flood", 60_000);
    // Most of it is young garbage that a busy machine collects late; what grows with the flood would be past it.
    expect((await residentKb(host.pid)) - before).toBeLessThan(60_000);
    const typedAt = performance.now();
    viewer.type("\u0003");
    await viewer.until(() => viewer.text.endsWith("ready> "), "a prompt");
    expect(performance.now() - typedAt).toBeLessThan(2_000);
    expect(stalled.received).toBeLessThan(200_000);
  }, 90_000);

  it("keeps the last output of a shell that ends while its viewer draws nothing", async () => {
    const viewer = await shell("a");
    viewer.socket.terminate();
    await viewer.closed();
    const stalled = host.attach("a", undefined, false);
    await stalled.sees("ready> ");
    stalled.type("seq -w 10001 30000; exit\r");
    const phase = async () => terminalViewSchema.parse((await host.call("GET", "/v1/terminals/a")).body).state.phase;
    await expect.poll(phase, { timeout: 5_000 }).toBe("exited");
    const late = host.attach("a", 0);
    await late.until(() => late.frames.some((frame) => frame.type === "exit"), "exit");
    expect(late.text.match(/\d{5}\r\n/g)).toHaveLength(20_000);
    expect(late.text).toContain("30000\r\n");
  });

  it("lets a viewer go that floods a process which reads nothing", async () => {
    const viewer = await shell("a");
    viewer.type("stty raw -echo; echo sl''eeping; sleep 60\r");
    await viewer.sees("sleeping");
    const others = Array.from({ length: 4 }, () => host.attach("a"));
    for (const other of others) await other.sees("sleeping");
    for (const other of others) {
      for (let sent = 0; sent < 8; sent++) other.send({ type: "input", bytes: Buffer.alloc(60_000, 65) });
    }
    await Promise.any(others.map((other) => other.closed()));
    expect((await host.call("DELETE", "/v1/terminals/a")).status).toBe(204);
  });

  it("shows one terminal to two viewers", async () => {
    const one = await shell("a");
    const two = host.attach("a");
    await two.sees("ready> ");
    two.type("echo from-$((1+1))\r");
    await one.sees("from-2\r\n");
    await two.sees("from-2\r\n");
    expect(terminalListSchema.parse((await host.call("GET", "/v1/terminals")).body).terminals[0]?.viewers).toBe(2);
  });

  it("refuses what is malformed with a code and lives on", async () => {
    const refusal = async (method: string, path: string, body?: unknown) => (await host.call(method, path, body)).body;
    const code = (text: string) => ({ error: expect.objectContaining({ code: text }) as unknown });
    expect(await refusal("POST", "/v1/terminals", "{")).toEqual(code("bad-body"));
    expect(await refusal("POST", "/v1/terminals", { id: "../x" })).toEqual(code("bad-body"));
    expect(await refusal("GET", "/v1/terminals/none")).toEqual(code("terminal-not-found"));
    expect(await refusal("GET", "/v1/terminals/none/attach")).toEqual(code("upgrade-required"));
    expect(await refusal("PUT", "/v1/terminals")).toEqual(code("method-not-allowed"));
    expect(await refusal("GET", "/nothing")).toEqual(code("not-found"));
    expect((await host.call("DELETE", "/v1/terminals/none")).status).toBe(204);
    const viewer = await shell("a");
    expect(await refusal("POST", "/v1/terminals", { id: "a", ...BASH })).toEqual(code("already-exists"));
    viewer.socket.send("text");
    expect(await viewer.closed()).toBe(4400);
    expect(viewer.frames.at(-1)).toEqual({ type: "error", code: "bad-frame" });
    const large = host.attach("a");
    await large.sees("ready> ");
    large.socket.send(Buffer.alloc(100_000));
    expect(await large.closed()).toBe(1009);
    const nobody = host.attach("none");
    await nobody.closed();
    expect((await host.call("GET", "/v1/hello")).status).toBe(200);
  });

  it("removes a terminal with all that hangs on it, even a shell that ignores the hang-up", async () => {
    const viewer = await shell("a");
    viewer.type("trap '' HUP; echo pid=$$\r");
    await viewer.sees("pid=");
    await viewer.until(() => /pid=\d+\r\n/.test(viewer.text), "the shell's pid");
    const pid = Number(/pid=(\d+)\r\n/.exec(viewer.text)?.[1]);
    expect((await host.call("DELETE", "/v1/terminals/a")).status).toBe(204);
    expect(await alive(pid)).toBe(false);
    expect(await viewer.closed()).toBe(4404);
    expect((await host.call("GET", "/v1/terminals")).body).toEqual({ terminals: [] });
  });

  it("ends its shells and its socket at SIGTERM", async () => {
    const viewer = await shell("a");
    const view = terminalViewSchema.parse((await host.call("GET", "/v1/terminals/a")).body);
    const pid = view.state.phase === "running" ? view.state.pid : 0;
    expect(await host.stop()).toBe(0);
    expect(await viewer.closed()).toBe(1001);
    expect(await alive(pid)).toBe(false);
    await expect(stat(host.socketPath)).rejects.toThrow();
  });

  it("leaves no shell behind when it is killed, and starts again over the socket it left", async () => {
    await shell("a");
    const second = await shell("b");
    second.type("echo pid=$$\r");
    await second.until(() => /pid=\d+\r\n/.test(second.text), "the shell's pid");
    const pid = Number(/pid=(\d+)\r\n/.exec(second.text)?.[1]);
    await host.stop("SIGKILL");
    await expect.poll(() => alive(pid)).toBe(false);
    await host.start();
    expect((await host.call("GET", "/v1/terminals")).body).toEqual({ terminals: [] });
  });

  it("does not start beside another one on the same socket", async () => {
    const twin = new TerminalHostBed(script);
    Object.assign(twin, { stateDir: host.stateDir });
    await expect(twin.start()).rejects.toThrow("did not come up");
    expect((await host.call("GET", "/v1/hello")).status).toBe(200);
  });
});
