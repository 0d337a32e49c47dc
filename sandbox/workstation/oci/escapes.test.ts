import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { placesIn, saveHome } from "../home-archive";
import { run } from "../workstation.contract";
import type { WorkstationCommand } from "../workstation";
import { OciBed, reasonAgainstContainers } from "./test-bed";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`escapes: skipped, ${reason}`, () => undefined);

/** What an attacker on the machine would look for; every probe prints it, or `ESCAPED`, once it got out. */
interface Canary {
  readonly secret: string;
  readonly file: string;
  readonly port: number;
  readonly abstractName: string;
  readonly pid: number;
  /** The bundle of the learner's own workstation, on the host. */
  readonly bundle: string;
}

/** Attempt by its number in docs/security.md, and what is tried; run in bash. */
const PROBES: readonly [id: string, attempt: string, script: (canary: Canary) => string][] = [
  ["E1", "read a secret of the host by its path", ({ file }) => `cat ${file}`],
  ["E1", "read it through the root of another process", ({ file }) => `cat /proc/[0-9]*/root${file}`],
  ["E2", "read the environment of a process of the host", ({ pid }) => `tr '\\0' '\\n' </proc/${pid}/environ`],
  ["E2", "signal a process of the host", ({ pid }) => `kill -0 ${pid} && echo ESCAPED`],
  ["E3", "read the environment of whoever started us", () => `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep CANARY`],
  ["E6", "reach a service on the host's loopback", ({ port }) => `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`],
  ["E7", "reach an abstract socket of the host", ({ abstractName }) => connectAbstract(abstractName)],
  [
    "E11",
    "write where the kernel starts programs as root",
    () => `(echo x >/proc/sys/kernel/core_pattern) && echo ESCAPED`,
  ],
  ["E34", "change the bundle that the container is made from", ({ bundle }) => `ls ${bundle} && echo ESCAPED`],
];

describe.skipIf(reason !== undefined)("escapes", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const id = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "slipway-canary-"));
  const secret = `CANARY-${randomUUID()}`;
  const servers: Server[] = [];
  let process_: ChildProcess;
  let canary: Canary;

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    await workstation.start(await bed.spec(id));
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
    };
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

  it.each(PROBES)("%s: cannot %s", async (_id, _attempt, script) => {
    const argv = ["timeout", "10", "bash", "-c", script(canary)];
    expect(escaped(await run(await workstation.command(id, { argv, tty: false })))).toBe(false);
  });

  it("E26: cannot have the host read a secret for them, or wait for ever, when their home is saved", async () => {
    const trap = `ln -s ${canary.file} ~/link; ln -sf ${canary.file} $SLIPWAY_STATE/place.main; mkfifo ~/pipe $SLIPWAY_STATE/place.2; ls ~`;
    const set = await run(await workstation.command(id, { argv: ["bash", "-c", trap], tty: false }));
    expect(set.text).toBe("link\npipe\n");
    const save = await saveHome(workstation, id);
    if (!save) throw new Error("nothing was saved");
    expect(placesIn(save.data)).toEqual({});
    const files = gunzipSync(save.data.subarray(save.data.indexOf(0x0a) + 1));
    expect(files.includes(secret)).toBe(false);
    expect(files.includes("./link")).toBe(true);
  });

  async function bash(script: string): Promise<string> {
    return (await run(await workstation.command(id, { argv: ["bash", "-c", script], tty: false }))).text.trim();
  }

  it("E20: cannot take more than their share of descriptors", async () => {
    const taken = `perl -e 'my @kept; while (open(my $f, "<", "/dev/null")) { push @kept, $f; last if @kept > 5000; } print scalar @kept'`;
    expect(Number(await bash(taken))).toBeLessThan(512);
    // Without the limit it goes on.
    const naive = await run({
      argv: ["bash", "-c", `ulimit -n 6000; ${taken}`],
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
    });
    expect(Number(naive.text)).toBeGreaterThan(5_000);
  });

  it("E25: cannot put others before them when memory runs out", async () => {
    expect(await bash("cat /proc/self/oom_score_adj")).toBe("500");
    expect(await bash("(echo -900 >/proc/self/oom_score_adj) 2>/dev/null; cat /proc/self/oom_score_adj")).toBe("500");
  });

  it("E29, E30: leaves neither zombies nor a process that hid from the hang-up", async () => {
    await bash("for i in {1..100}; do (sleep 0.05 & exec true) & done; wait; sleep 0.5");
    expect(await bash("ps -eo stat= | grep -c ^Z")).toBe("0");
    const other = randomUUID();
    await workstation.start(await bed.spec(other));
    const hide = "setsid nohup bash -c 'trap \"\" HUP TERM; exec sleep 4242' >/dev/null 2>&1 & disown; echo hidden";
    const hidden = await run(await workstation.command(other, { argv: ["bash", "-c", hide], tty: false }));
    expect(hidden.text).toBe("hidden\n");
    await expect.poll(() => commandsOnHost()).toContain("sleep 4242");
    await workstation.remove(other);
    expect(commandsOnHost()).not.toContain("sleep 4242");
  });

  // The same attempts without a container: they do find what they look for, so that the tests above can fail.
  it.each(PROBES.filter(([probe]) => probe !== "E11"))(
    "control %s: can %s without a container",
    async (_id, _attempt, script) => {
      const home = mkdtempSync(join(folder, "home-"));
      const env = { PATH: "/usr/bin:/bin", HOME: home, CANARY: secret };
      const naive: WorkstationCommand = { argv: ["timeout", "10", "bash", "-c", script(canary)], env, cwd: home };
      expect(escaped(await run(naive))).toBe(true);
    },
  );

  function escaped({ text, errors }: { text: string; errors: string }): boolean {
    return /ESCAPED/.test(text) || text.includes(secret) || errors.includes(secret.slice(0, 12) + "=");
  }
});

function commandsOnHost(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      } catch {
        return ""; // it has ended
      }
    });
}

/** Some programs pad the name of an abstract socket with zeros. */
function connectAbstract(name: string): string {
  const perl = `use Socket; for my $form ("Sa*", "Sa108") {
    socket(my $s, PF_UNIX, SOCK_STREAM, 0);
    print <$s> if connect($s, pack($form, AF_UNIX, "\\0${name}"));
  }`;
  return `perl -e '${perl}'`;
}
