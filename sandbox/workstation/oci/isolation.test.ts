import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run, type Ran } from "../workstation.contract";
import { identityOf } from "./identity";
import { OciBed, reasonAgainstContainers } from "./test-bed";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`isolation: skipped, ${reason}`, () => undefined);

const EPERM = 1;
const ENOSYS = 38;

/** Calls that programs of a learner have no business with: name, number on x86-64, arguments, expected error. */
const REFUSED_CALLS: readonly [string, number, string, number][] = [
  ["socket of AF_VSOCK", 41, "40, 1, 0", ENOSYS],
  ["socket of AF_ALG", 41, "38, 5, 0", ENOSYS],
  ["socket of AF_PACKET", 41, "17, 3, 0", ENOSYS],
  ["netlink of netfilter", 41, "16, 3, 12", ENOSYS],
  ["clone into a user namespace", 56, "0x10000000, 0, 0, 0, 0", ENOSYS],
  ["clone3", 435, "0, 0", ENOSYS],
  ["unshare", 272, "0x10000000", EPERM],
  ["setns", 308, "0, 0", EPERM],
  ["mount", 165, "0, 0, 0, 0, 0", EPERM],
  ["fsopen", 430, "0, 0", ENOSYS],
  ["chroot", 161, "0", EPERM],
  ["ptrace", 101, "0, 0, 0, 0", EPERM],
  ["process_vm_readv", 310, "0, 0, 0, 0, 0, 0", ENOSYS],
  ["add_key", 248, "0, 0, 0, 0, 0", ENOSYS],
  ["keyctl", 250, "0, 0, 0, 0, 0", ENOSYS],
  ["bpf", 321, "0, 0, 0", ENOSYS],
  ["perf_event_open", 298, "0, 0, 0, 0, 0", ENOSYS],
  ["userfaultfd", 323, "0", ENOSYS],
  ["io_uring_setup", 425, "1, 0", ENOSYS],
  ["memfd_create", 319, "0, 0", ENOSYS],
  ["name_to_handle_at", 303, "0, 0, 0, 0, 0", ENOSYS],
  ["open_by_handle_at", 304, "0, 0, 0", ENOSYS],
  ["vmsplice", 278, "0, 0, 0, 0", ENOSYS],
  ["shmget", 29, "0, 4096, 0", ENOSYS],
  ["init_module", 175, "0, 0, 0", ENOSYS],
  ["reboot", 169, "0, 0, 0, 0", ENOSYS],
  ["personality that is not the plain one", 135, "8", ENOSYS],
  ["ioctl TIOCSTI", 16, "0, 0x5412, 0", ENOSYS],
  ["ioctl TIOCSTI with high bits set", 16, "0, 0x100005412, 0", ENOSYS],
  ["a call of a kernel to come", 600, "0", ENOSYS],
];

describe.skipIf(reason !== undefined)("in a container workstation", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const id = randomUUID();
  let api: Server;

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    const spec = await bed.spec(id);
    api = await serveOn(spec.apiSocketPath, "the API");
    await workstation.start(spec);
  }, 300_000);
  afterAll(async () => {
    api.close();
    await bed.clean();
  });

  async function bash(script: string): Promise<Ran> {
    return run(await workstation.command(id, { argv: ["bash", "-c", script], tty: false }));
  }

  it("a process has descriptors 0, 1 and 2 and no others", async () => {
    expect((await bash("ls /proc/$$/fd; true")).text.trim().split("\n")).toEqual(["0", "1", "2"]);
  });

  it("nothing of the host's environment or processes is seen", async () => {
    expect(await bash("cat /proc/1/environ")).toMatchObject({ code: 1, text: "" });
    const { text } = await bash("ls -d /proc/[0-9]* | wc -l; ps -eo user= | sort -u");
    const [count, ...users] = text.trim().split("\n");
    expect(Number(count)).toBeLessThan(12);
    expect(users).toEqual(["learner", "relay"]);
  });

  it("the learner has no capabilities and cannot gain any", async () => {
    const { text } = await bash("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status");
    expect(text.match(/Cap\w+:\t0000000000000000/g)).toHaveLength(5);
    expect(text).toContain("NoNewPrivs:\t1");
    expect(text).toContain("Seccomp:\t2");
    expect((await bash("find / -xdev -type f -perm /6000 2>/dev/null")).text).toBe("");
    expect((await bash("unshare -Ur true")).code).not.toBe(0);
  });

  it.skipIf(process.arch !== "x64")("system calls that open doors are refused", async () => {
    const lines = REFUSED_CALLS.map(([, number, args]) => `$! = 0; syscall(${number}, ${args}); print $!+0, "\\n";`);
    const { text } = await bash(`perl -e '${lines.join(" ")}'`);
    const seen = text.trim().split("\n").map(Number);
    const table = REFUSED_CALLS.map(([name], index) => [name, seen[index]]);
    expect(table).toEqual(REFUSED_CALLS.map(([name, , , error]) => [name, error]));
  });

  it("32 bit system calls end the process", async () => {
    // mov eax, 20 (getpid); int 0x80; mov edi, eax; mov eax, 231 (exit_group); syscall
    const code = "\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\x89\\xc7\\xb8\\xe7\\x00\\x00\\x00\\x0f\\x05";
    const script = `use DynaLoader; my $c = "${code}"; my $p = syscall(9, 0, 4096, 7, 0x22, -1, 0);
      exit 3 if $p < 4096; syscall(0, 0, 0, 0);
      pipe(my $r, my $w); syswrite($w, $c); syscall(0, fileno($r), $p, length $c);
      DynaLoader::dl_install_xsub("main::f", $p); f();`;
    expect((await bash(`perl -e '${script.replaceAll("\n", " ")}'; echo code=$?`)).text).toMatch(/code=159/);
  });

  it("there is no network but the relay to the cluster's API", async () => {
    expect((await bash("tail -n +3 /proc/net/dev | cut -d: -f1 | xargs")).text).toBe("lo\n");
    expect((await bash("curl -s http://127.0.0.1:6443/")).text).toBe("the API");
    for (const address of ["1.1.1.1:80", "169.254.169.254:80", "127.0.0.1:22", "127.0.0.1:5432", "[::1]:80"]) {
      expect(await bash(`curl -sS -m 3 http://${address}/`)).toMatchObject({ code: 7, text: "" });
    }
  });

  it("the cluster's addresses answer where the cluster says so, and nowhere else", async () => {
    const directory = dirname(bed.socketPath(id));
    const told: Socket[] = [];
    const ports = createSocketServer((socket) => void told.push(socket));
    await new Promise<void>((resolve) => ports.listen(join(directory, "ports"), resolve));
    chmodSync(join(directory, "ports"), 0o666);
    const web = await serveOn(join(directory, "172.18.0.3-80"), "a node's port");
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
    expect(await bash("curl -sS -m 3 http://172.18.0.3/")).toMatchObject({ code: 7 });
    told[0]?.write("+ 172.18.0.3 80\n");
    await expect
      .poll(async () => (await bash("curl -s http://172.18.0.3/")).text, { timeout: 10_000 })
      .toBe("a node's port");
    for (const address of ["172.18.0.4", "172.18.0.3:81", "127.0.0.1", "10.96.0.1", "10.244.1.2"]) {
      expect(await bash(`curl -sS -m 3 http://${address}/`)).toMatchObject({ code: 7, text: "" });
    }
    told[0]?.write("- 172.18.0.3 80\n");
    await expect.poll(async () => (await bash("curl -s http://172.18.0.3/")).code, { timeout: 10_000 }).toBe(7);
    for (const socket of told) socket.destroy();
    ports.close();
    web.close();
  });

  it("the relay can be neither reached behind its back nor ended", async () => {
    expect(await bash("ls /run/api")).toMatchObject({ text: "" });
    expect((await bash("kill -9 1; pkill -9 socat; pkill -9 -u relay")).errors).toContain("not permitted");
    expect((await bash("curl -s http://127.0.0.1:6443/")).text).toBe("the API");
  });

  it("a socket that is made anew is found by the relay", async () => {
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
    expect((await bash("curl -sS http://127.0.0.1:6443/")).code).not.toBe(0);
    api = await serveOn(bed.socketPath(id), "the API again");
    expect((await bash("curl -s http://127.0.0.1:6443/")).text).toBe("the API again");
  });

  it("nothing can be written but the home, /tmp and shared memory", async () => {
    const places = [
      "/x",
      "/etc/x",
      "/usr/x",
      "/dev/x",
      "/run/x",
      "/run/seed/x",
      "/run/api/x",
      "/sys/x",
      "/proc/sys/kernel/core_pattern",
    ];
    for (const place of places) expect((await bash(`echo x >${place}`)).code, place).not.toBe(0);
    expect((await bash("echo x >~/x && echo x >/tmp/x && echo x >/dev/shm/x && rm ~/x /tmp/x /dev/shm/x")).code).toBe(
      0,
    );
  });

  it("the home holds so many bytes and so many files", async () => {
    const { text } = await bash(
      "head -c 100M /dev/zero >~/big; stat -c %s ~/big; rm ~/big; mkdir ~/many; cd ~/many; for i in {1..9000}; do : >$i || break; done 2>/dev/null; ls | wc -l; rm -r ~/many",
    );
    const [bytes, files] = text.trim().split("\n").map(Number);
    expect(bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
    expect(files).toBeGreaterThan(7_000);
    expect(files).toBeLessThan(8_192);
  });

  it("a memory hog is ended, and the workstation lives on", async () => {
    // Without a newline `tail` keeps everything.
    expect((await bash("head -c 600M /dev/zero | tail; exit ${PIPESTATUS[1]}")).code).toBe(137);
    expect((await bash("curl -s http://127.0.0.1:6443/")).text).toBe("the API again");
  });

  it("a fork bomb ends at the limit, and the relay still answers", async () => {
    const bomb =
      "for i in {1..400}; do sleep 5 >/dev/null 2>&1 & done 2>/tmp/forks; jobs -r | wc -l; curl -s http://127.0.0.1:6443/; pkill sleep";
    const { text, errors } = await bash(`ulimit -u; ${bomb}`);
    expect(text + errors).toMatch(/^192\n/);
    expect(Number(/^192\n(\d+)\n/.exec(text)?.[1] ?? 0)).toBeLessThan(192);
    expect((await bash("pkill -9 sleep; curl -s http://127.0.0.1:6443/")).text).toBe("the API again");
  });

  it("takes no more than its share of terminals", async () => {
    const { text } = await bash(
      'perl -e \'my @k; while (open(my $f, "+<", "/dev/ptmx")) { push @k, $f; } print scalar @k\'',
    );
    expect(Number(text)).toBeLessThanOrEqual(32);
  });

  it("each learner is a user of their own on the host, within the instance's range", async () => {
    const second = randomUUID();
    await workstation.start(await bed.spec(second));
    const users = [id, second].map((one) => hostUsersOf(`/slipway-${bed.instanceId}/${one}`));
    await workstation.remove(second);
    const expected = [0, 1].map((index) => identityOf(bed.instanceId).relay(index));
    expect(users).toEqual([[expected[0]], [expected[1]]]);
  });

  it("what it needs on the host goes with it", async () => {
    const other = randomUUID();
    await workstation.start(await bed.spec(other));
    const group = `/slipway-${bed.instanceId}/${other}`;
    expect(hostUsersOf(group)).toHaveLength(1);
    await workstation.remove(other);
    expect(controlGroups(group)).toEqual([]);
    expect(existsSync(`${bed.stateDir}/workstations/${other}`)).toBe(false);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(other);
  });
});

async function serveOn(socketPath: string, text: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  chmodSync(socketPath, 0o666);
  return server;
}

/** Control groups of this path, in whichever hierarchies the machine has. */
function controlGroups(path: string): string[] {
  const root = "/sys/fs/cgroup";
  return ["", ...readdirSync(root)]
    .map((hierarchy) => `${root}/${hierarchy}${path}`)
    .filter((folder) => existsSync(folder));
}

function hostUsersOf(controlGroup: string): number[] {
  const users = new Set<number>();
  for (const folder of controlGroups(controlGroup)) {
    for (const pid of readFileSync(`${folder}/cgroup.procs`, "utf8").split("\n").filter(Boolean)) {
      users.add(Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));
    }
  }
  return [...users];
}
