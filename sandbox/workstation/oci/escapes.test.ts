import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placesIn, saveHome } from "../home-archive";
import { LEARNER_ID } from "../rootfs/places";
import type { WorkstationCommand } from "../workstation";
import { run, type Ran } from "../workstation.contract";
import { hasEscaped, PROBES, type Canary } from "./escape-table";
import { identityOf } from "./identity";
import { OciBed, processesOnHost, reasonAgainstContainers } from "./test-bed";
import { commandAs, firstProcess, naive, startWeakened } from "./weakened";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`escapes: skipped, ${reason}`, () => undefined);

describe.skipIf(reason !== undefined)("escapes", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const [id, other, weak] = [randomUUID(), randomUUID(), randomUUID()];
  const folder = mkdtempSync(join(tmpdir(), "slipway-canary-"));
  const secret = `CANARY-${randomUUID()}`;
  const servers: Server[] = [];
  let process_: ChildProcess;
  let canary: Canary;

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    for (const one of [id, other]) await workstation.start(await bed.spec(one));
    await startWeakened(bed, id, weak, naive);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "secret"), secret, { mode: 0o644 });
    process_ = spawn("sleep", ["1000"], { env: { NODE_ENV: "test", CANARY: secret } });
    const abstractName = `slipway-${secret}`;
    const port = await listen({ port: 0, host: "127.0.0.1" });
    await listen({ path: `\0${abstractName}` });
    canary = {
      secret,
      file: join(folder, "secret"),
      port,
      abstractName,
      pid: process_.pid ?? 0,
      bundle: `${bed.stateDir}/workstations/${id}`,
      other,
      setuid: ["/home/learner/setuid", join(folder, "setuid")],
    };
    copyFileSync("/usr/bin/id", join(folder, "setuid"));
    await bash("cp /usr/bin/id ~/setuid");
    makeSetuid(join(folder, "setuid"), 0);
    makeSetuid(`/proc/${await firstProcess(bed, id)}/root/home/learner/setuid`, identityOf(bed.instanceId).relay(0));
  }, 300_000);
  afterAll(async () => {
    process_.kill("SIGKILL");
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
    await bed.clean();
  });

  async function listen(where: { port: number; host: string } | { path: string }): Promise<number> {
    const server = createServer((socket) => socket.end(secret));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(where, resolve));
    const address = server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  it.each(PROBES)("$id: cannot $attempt", async ({ script }) => {
    const argv = ["timeout", "10", "bash", "-c", script(canary)];
    expect(hasEscaped(await run(await workstation.command(id, { argv, tty: false })), canary)).toBe(false);
  });

  // So that the tests above can fail.
  it.each(PROBES)("control $id: in a weakened container can $attempt", async ({ script, asLearner }) => {
    const argv = ["timeout", "20", "bash", "-c", script(canary)];
    const said = await run(commandAs(bed, weak, asLearner ? LEARNER_ID : 0, argv));
    expect(hasEscaped(said, canary) || said).toBe(true);
  });

  it("E5: gets no descriptor of whoever starts it, unless they are handed on", async () => {
    const read = ["bash", "-c", "cat <&3"];
    expect((await runWithFile(await workstation.command(id, { argv: read, tty: false }), canary.file)).text).toBe("");
    const handed = commandAs(bed, weak, 0, read, ["--preserve-fds", "1"]);
    expect((await runWithFile(handed, canary.file)).text).toBe(secret);
  });

  it("E26: cannot have the host read a secret for them, or wait for ever, when their home is saved", async () => {
    const trap = `ln -s ${canary.file} ~/link; ln -sf ${canary.file} $SLIPWAY_STATE/place.main; mkfifo ~/pipe $SLIPWAY_STATE/place.2; ls ~`;
    const set = await run(await workstation.command(id, { argv: ["bash", "-c", trap], tty: false }));
    expect(set.text).toBe("link\npipe\nsetuid\n");
    const save = await saveHome(workstation, id);
    if (!save) throw new Error("nothing was saved");
    expect(placesIn(save.data)).toEqual({});
    const files = gunzipSync(save.data.subarray(save.data.indexOf(0x0a) + 1));
    expect(files.includes(secret)).toBe(false);
    expect(files.includes("./link")).toBe(true);
    // Whoever reads the home from outside does read the secret.
    const naively = `/proc/${await firstProcess(bed, id)}/root/home/learner/link`;
    expect(readFileSync(naively, "utf8")).toBe(secret);
  });

  it("E28: cannot end the relay, unless it is the same user", async () => {
    const attempt = ["bash", "-c", "pkill -9 socat && echo ESCAPED"];
    expect(hasEscaped(await run(await workstation.command(id, { argv: attempt, tty: false })), canary)).toBe(false);
    const same = randomUUID();
    await startWeakened(bed, id, same, ({ process }) => {
      process.user = { uid: LEARNER_ID, gid: LEARNER_ID };
    });
    await expect.poll(() => run(commandAs(bed, same, LEARNER_ID, ["pgrep", "socat"]))).toMatchObject({ code: 0 });
    // The first process ends with it, and so does everything else.
    await run(commandAs(bed, same, LEARNER_ID, attempt));
    await expect.poll(() => run(commandAs(bed, same, LEARNER_ID, ["true"]))).not.toMatchObject({ code: 0 });
  });

  async function bash(script: string): Promise<string> {
    return (await run(await workstation.command(id, { argv: ["bash", "-c", script], tty: false }))).text.trim();
  }

  it("E30: leaves no zombies, unless nobody reaps them", async () => {
    const leave = "for i in {1..100}; do (sleep 0.05 & exec true) & done; wait; sleep 0.5; ps -eo stat= | grep -c ^Z";
    expect(await bash(leave)).toBe("0");
    const careless = randomUUID();
    await startWeakened(bed, id, careless, ({ process }) => {
      process.args = ["sleep", "infinity"];
    });
    const left = await run(commandAs(bed, careless, LEARNER_ID, ["bash", "-c", leave]));
    expect(Number(left.text)).toBeGreaterThan(50);
  });

  it("E29: leaves no process that hid from the hang-up, unless it shares the host's processes", async () => {
    const victim = randomUUID();
    await workstation.start(await bed.spec(victim));
    const hide = (seconds: number): string =>
      `setsid nohup bash -c 'trap "" HUP TERM; exec sleep ${seconds}' >/dev/null 2>&1 & disown; echo hidden`;
    await run(await workstation.command(victim, { argv: ["bash", "-c", hide(4242)], tty: false }));
    await run(commandAs(bed, weak, 0, ["bash", "-c", hide(4243)]));
    await expect.poll(() => processesOnHost("sleep 4242")).toHaveLength(1);
    await expect.poll(() => processesOnHost("sleep 4243")).toHaveLength(1);
    for (const one of [victim, weak]) process.kill(await firstProcess(bed, one), "SIGKILL");
    await expect.poll(() => processesOnHost("sleep 4242")).toEqual([]);
    expect(processesOnHost("sleep 4243")).toHaveLength(1);
    for (const pid of processesOnHost("sleep 4243")) process.kill(pid, "SIGKILL");
  });
});

/** The program asks to run as its owner. */
function makeSetuid(path: string, owner: number): void {
  chownSync(path, owner, owner);
  chmodSync(path, 0o4755); // a change of owner takes the mark away
}

/** With one descriptor more than it should have: 3, an open file. */
function runWithFile({ argv, env, cwd }: WorkstationCommand, file: string): Promise<Ran> {
  const descriptor = openSync(file, "r");
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    env: { NODE_ENV: "test", ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe", descriptor],
  });
  closeSync(descriptor);
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.resume();
  return new Promise((resolve) => child.on("close", (code) => resolve({ text, errors: "", code })));
}
