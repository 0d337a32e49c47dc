import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ContainerFixture } from "../container-fixture";
import { AWK_CASES } from "./awk/awk-programs";

/** Prepares the same few files on both sides; then the case's own line runs. */
const PREPARE =
  "mkdir d; printf 'b 2\\na 10\\nc 1\\na 10\\n' > f; printf 'one\\ntwo\\nthree\\nfour\\n' > n; printf 'x:y:z\\n1:2:3\\nplain\\n' > t; echo deep > d/g; printf 'Hello World\\nfoo.bar\\n' > h; ";

/** Tools that Debian's images lack, or that print there what cannot be compared. */
const BUSYBOX_CASES: readonly string[] = [
  "more f; cat f | more; more nofile; echo $?; less f; cat f | less; less nofile; echo $?; less -N n",
  "hexdump h; hexdump -C h; hexdump -b h; hexdump -c h; hexdump -x h; hexdump -d h; hexdump -o h; hexdump -n 3 -s 2 -C h; yes | head -c 100 | hexdump -C; hexdump nofile; echo $?",
  "xxd h; xxd -p h; xxd -c 4 h; xxd -g 1 h; xxd -l 5 h; xxd -s 3 h; xxd -p h | xxd -r -p; xxd nofile; echo $?",
  "diff f n; diff -u f n; echo $?; diff n f; mkdir e; cp d/g e/h; echo x > d/h; diff -r d e; diff -rN d e; diff d e; mkdir e/only; diff -r d e; diff f d; echo $?; cp f d/f; diff f d; echo $?; diff -N f nofile | head -3",
  "printf 'a\\nb\\nc\\na\\nb\\nb\\na\\n' > p; printf 'c\\nb\\na\\nb\\na\\nc\\n' > q; diff p q; diff q p; diff -U0 p q; printf 'a' > p; printf 'a\\n' > q; diff p q; diff q p; diff p p; printf '' > p; diff p q; diff q p",
  "printf 'if (a) {\\n  x\\n}\\n\\nif (b) {\\n  y\\n}\\n' > p; printf 'if (a) {\\n  x\\n}\\n\\nif (c) {\\n  z\\n}\\n\\nif (b) {\\n  y\\n}\\n' > q; diff p q; diff q p",
  "dd if=f of=o bs=4; cat o; dd if=f bs=5 count=1; dd if=nofile; echo $?; dd bs=x; echo $?; dd bs=0; echo $?; dd conv=what; echo $?; dd what 2>&1 | tail -n +2; echo abc | dd ibs=2 2>/dev/null; printf ab | dd bs=4 conv=sync status=none | od -c",
  "strings /nofile; echo $?; printf 'ab\\0hello\\1world wide\\n\\2abc' > s; strings s; strings -n 3 s; strings -o s; strings -t x s; strings -t d -f s; cat s | strings -f -n 2",
  "shuf -i 1-1; shuf -e a; shuf -i 3; echo $?; shuf -i 3-1; echo $?; shuf -n 0 f; shuf f | sort; shuf -n 2 n | wc -l; shuf -o o n; sort o; shuf nofile; echo $?; seq 9 | shuf | sort -n | tail -1; shuf -e -n1 b | cat",
  "echo a > x; sha1sum x > s; echo b > y; sha1sum y >> s; echo c > y; sha1sum -c s; echo $?; rm y; sha1sum -c s; echo $?; sha1sum -cs s; echo $?; echo junk > j; sha1sum -c j; echo $?; sha1sum -c nofile; echo $?",
  "cmp f 2>&1 < /dev/null; echo $?; cmp -l f n; head -c 4 f | cmp f; echo $?; cmp 2>&1 | tail -n +2; diff f 2>&1 | tail -2",
];

const CASES: readonly string[] = [
  "cat f n; cat -n n; cat nofile; echo $?; cat d; echo $?",
  "head -n 2 n; head -1 n; head -c 5 n; head -n 1 f n; head nofile; echo $?",
  "tail -n 2 n; tail -1 n; tail -n +3 n; tail -c 5 n",
  "wc f; wc -l f; wc -w < f; wc -c f n; cat f | wc -l",
  "sort f; sort -r f; sort -u f; sort -k2 -n f; sort -t: -k2 t; sort -n n",
  "sort f | uniq; sort f | uniq -c; sort f | uniq -d; sort f | uniq -u",
  "cut -d: -f2 t; cut -d: -f1,3 t; cut -c1-3 n; cut -d: -f2- t; cut -s -d: -f1 t",
  "tr a-z A-Z < n; tr -d aeiou < n; echo aabbcc | tr -s ab; echo hello | tr '[:lower:]' '[:upper:]'; echo a-b | tr -- - _",
  "grep o n; echo $?; grep -c o n; grep -n o n; grep -v o n; grep zzz n; echo $?; grep -i ONE n; grep -o 'o.' n",
  "grep -E 't(wo|hree)' n; grep '^t.*e$' n; grep -w one n; grep -F . h; grep 'o\\.b' h; grep -l o f n; grep o n h; grep -h o n h; grep -q o n; echo $?",
  "grep -r deep .; grep -A1 two n; grep -B1 two n; grep -m1 o n; grep '[[:upper:]]' h; grep -e one -e two n; grep -x two n",
  "grep x nofile; echo $?",
  "sed s/o/0/ n; sed s/o/0/g n; sed -n 2p n; sed 2d n; sed '1,2d' n; sed -n '/t/p' n; sed '$d' n; sed 's/\\(.\\)\\(.\\)/\\2\\1/' n",
  "sed -E 's/(t)(.)/[\\1-\\2]/' n; sed 's/o/&&/' n; sed '/two/,/three/d' n; sed -e s/one/1/ -e s/two/2/ n; sed 's|o|/|' n; sed '2q' n; sed = h; sed '1i\\\nfirst' h; sed '/foo/c\\\nchanged' h",
  "sed -i s/one/ONE/ n; cat n; sed y/abc/xyz/ f; sed -n '$=' n; sed '2,$s/^/> /' n; sed s/O/o/I n; sed 's/o/0/2' h; sed -n '2{p;q}' n; sed '/^$/d' h",
  "sed ':a;N;$!ba;s/\\n/,/g' n; sed -n 'h;n;G;p' n; sed G n; sed -n '1!G;h;$p' n; sed 'N;s/\\n/+/' n; sed '$!N;P;D' n; sed -n 'x;p' n; sed 'n;d' n",
  "sed '/two/bx;s/^/-/;:x' n; sed ':a;s/^.\\{1,6\\}$/ &/;ta' n; sed -n '/two/{=;p}' n; sed '/two/{n;d}' n; sed 's/e/E/;tx;d;:x' n; sed '/two/r f' n; sed -n '/o/w out' n; cat out; sed 's/t/T/w out' n; cat out",
  "sed -i.bak s/one/1/ n; cat n n.bak; printf 's/t/T/\\n2d\\n' > s; sed -f s n; sed '2,3c new' n; sed '$a end' n; sed '1i\\  start' n; sed y/ot/01/ n; sed '2!s/^/>/' n; sed -e '1{' -e 'p' -e '}' n",
  "seq 3; seq 2 4; seq 1 2 7; seq -w 8 10; seq -s, 3; seq 3 1; seq 5 -2 1",
  "ls; ls -a d; ls d f; ls nofile; echo $?; ls -1; ls -d d; ls -p; ls -F; ls -r; ls -A",
  "mkdir a; mkdir a; echo $?; mkdir -p a/b/c; mkdir x/y; echo $?; rmdir a; echo $?; rmdir a/b/c a/b a; ls",
  "cp f g; cat g; cp nofile x; echo $?; cp d e; echo $?; cp -r d e; ls e; cp f n d; ls d; mv f d/; ls; mv nofile x; echo $?",
  "rm f; rm f; echo $?; rm -f f; rm d; echo $?; rm -r d; ls",
  "touch new; ls; touch nodir/x; echo $?; ln -s f l; readlink l; cat l; ln -s f l; echo $?; ln f hard; cat hard",
  "chmod 600 f; ls -l f | cut -c1-10; chmod u+x,go=r f; ls -l f | cut -c1-10; chmod a-x f; ls -l f | cut -c1-10; chmod 644 nofile; echo $?",
  "basename /a/b/c.txt; basename /a/b/c.txt .txt; basename /; dirname /a/b/c; dirname a; dirname /; dirname a/",
  "find . | sort; find . -type f | sort; find . -name '[fg]'| sort; find d -maxdepth 0; find . -name g -exec cat {} \\;; find nofile; echo $?; find . -type d -o -name f | sort",
  "echo abc | md5sum; echo abc | sha256sum; echo abc | sha1sum; md5sum f; printf '' | sha256sum",
  "echo abc | sha512sum; printf '' | sha512sum; seq 100 | sha512sum; head -c 111 n | sha512sum; seq 60 | head -c 112 | sha512sum; seq 60 | head -c 119 | sha512sum; seq 60 | head -c 128 | sha512sum",
  "sha512sum f n > s; sha512sum -c s; echo $?; md5sum f | md5sum -c -; echo $?",
  "echo hello | base64; echo aGVsbG8K | base64 -d; base64 f",
  "echo a b c | xargs; echo a b c | xargs -n1 echo x; printf 'a\\nb\\n' | xargs -I% echo '[%]'; echo a | xargs false; echo $?; echo f | xargs cat",
  "expr 1 + 2; expr 3 \\* 4; expr 7 / 2; expr a = a; expr abc : 'a\\(.\\)'; expr length hello; expr 1 - 1; echo $?; expr 5 % 3",
  "printf '%s %d\\n' a 1 b 2; echo -n x; echo -e 'a\\tb'; env | grep -c PATH; env -i A=1 env; env X=5 sh -c 'echo $X'",
  "date -u -d @0 +%Y-%m-%dT%H:%M:%SZ; date -u -d @86399 '+%H:%M:%S %j %a %b'",
  "true; echo $?; false; echo $?; test 1 = 1; echo $?; sleep 0; echo $?; sleep x; echo $?",
  "yes | head -3; yes no | head -1; seq 100000 | tail -1; seq 20 | head -5 | tail -1",
  "echo a > x; tee y < x; cat y; echo b | tee -a y > /dev/null; cat y; rev n; tac n; nl n; fold -w 3 n; paste f n; paste -s n",
  "tar -cf a.tar d f; tar -tf a.tar; mkdir o; tar -xf a.tar -C o; cat o/d/g; tar -czf b.tgz d; tar -tzf b.tgz; tar -xf nofile; test $? -ne 0; echo $?",
  "echo hi | gzip | gunzip; gzip f; ls; gunzip f.gz; cat f | head -1",
  "which sh >/dev/null; echo $?; which nosuch; echo $?; nosuch; echo $?; pwd | grep -c work; uname; id -u; whoami",
  "timeout 0.1 sleep 5; test $? -ne 0; echo $?; timeout 5 echo fast",
  "stat -c '%s %a %F' f d; du -s nofile; test $? -ne 0; echo $?; truncate -s 3 f; cat f; wc -c < f",
  "od h; od -c h; od -A x -t x1 h; od -An -t o1 h; od -N 5 -j 2 -c h; yes | head -c 100 | od; yes | head -c 100 | od -v; od nofile; echo $?",
  "cp f e; diff f e; echo $?; diff -s f e; diff -q f n; echo $?; diff f nofile; echo $?; cmp f e; echo $?; cmp f n; echo $?; cmp -s f n; echo $?; cmp f nofile; echo $?; cmp -l f n",
  "diff -L a -L b -U 3 f n; diff -L a -L b -U 0 f n; sed s/two/2/ n > m; diff -L a -L b -U 1 n m; echo $?; diff -U 2 -L x -L y m n; head -c 8 n | diff -U 3 -L p -L q n -; echo $?",
  "mkdir e; cp d/g e; diff -r d e; echo $?; echo more >> e/g; echo new > e/x; diff -rq d e; echo $?; mkdir e/sub; diff -q d e; diff -r -q e d",
  "seq 20 > p; seq 20 | sed '3s/.*/three/;10d;15a\\new' > q; diff -U 3 -L a -L b p q; diff -U 1 -L a -L b q p; printf 'A  b\nc\n' > p; printf 'a b\nc \n' > q; diff -i -b -q p q; echo $?; diff -w -i p q; echo $?; printf 'x\n\ny\n' | diff -B - p > /dev/null; echo $?",
  "dd if=f of=o bs=4 count=2 status=none; cat o; echo; dd if=f bs=1 skip=2 count=3 status=none; echo; dd if=n of=f bs=1 seek=3 conv=notrunc status=none; cat f; dd if=n of=o bs=4 seek=1 status=none; od -c o; dd if=nofile 2>/dev/null; echo $?; printf abcd | dd conv=swab status=none; dd if=/dev/zero of=z bs=1k count=3 status=none; wc -c < z",
  "od -c h | head -2; realpath d/../f | sed 's|.*/||'; mktemp -d | cut -c1-9; kill -l TERM 2>/dev/null | head -1",
];

/** Tools that Debian's busybox lacks. */
const DEBIAN_CASES: readonly string[] = [
  "seq 5 > a; printf '1\\n3\\n6\\n' > b; comm a b; comm -12 a b; comm -3 a b; comm -13 a b; comm -23 a b; comm a - < b; comm a nofile; echo $?; comm a; echo $?; comm a b a; echo $?",
  "split -l 2 n; ls; cat xaa; split -b 5 n p.; ls p.*; cat p.ab; split -a 1 -l 1 f q; ls q*; seq 3000 | split; wc -l < xac; split -b 1k f k; ls k*; split nofile; echo $?; split -l x f; echo $?",
  "echo a > x; sha1sum x > s; echo b > y; sha1sum y >> s; echo c > y; sha1sum -c s; echo $?; rm y; sha1sum -c s; echo $?; sha1sum --status -c s; echo $?; echo junk > j; sha1sum -c j; echo $?",
  "shuf -i 1-1; shuf -e a; shuf f | sort; shuf -n 2 n | wc -l; shuf -o o n; sort o; seq 9 | shuf | sort -n | tail -1",
];

/** GNU ls and others need more room for differences that do not matter here. */
const ONLY_BUSYBOX: ReadonlySet<string> = new Set(
  CASES.filter((each) => /^(stat|od|kill|date)|nofile; test/.test(each)),
);

describe.each([
  { name: "busybox's tools", image: "busybox", program: "busybox" as const },
  { name: "Debian's tools", image: "nginx", program: "dash" as const },
])("$name", ({ image, program }) => {
  const path = which(program);
  const fixture = new ContainerFixture();
  let id = "";
  let folder = "";
  beforeAll(async () => {
    id = (await fixture.run(image, { command: ["sleep", "3600"] })).id;
    folder = mkdtempSync(join(tmpdir(), "tools-"));
    if (program !== "busybox") return;
    const names = execFileSync("busybox", ["--list"], { encoding: "utf8" }).split("\n").filter(Boolean);
    for (const name of names) symlinkSync(path ?? "", join(folder, name));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await fixture.runtime.stopContainer(id, 0);
  });

  const cases =
    program === "busybox"
      ? [...CASES, ...BUSYBOX_CASES, ...AWK_CASES]
      : [...CASES.filter((each) => !ONLY_BUSYBOX.has(each)), ...DEBIAN_CASES];
  it.skipIf(path === undefined).each(cases)("does as the real ones in %j", async (script) => {
    const work = join(mkdtempSync(join(folder, "work-")));
    const real = spawnSync("sh", ["-c", PREPARE + script], {
      cwd: work,
      encoding: "utf8",
      env: { NODE_ENV: "test", PATH: program === "busybox" ? folder : "/usr/bin:/bin", HOME: "/root", LC_ALL: "C" },
      timeout: 10_000,
    });
    const ours = await fixture.exec(id, [
      "env",
      "LC_ALL=C",
      "sh",
      "-c",
      `rm -rf /tmp/work; mkdir /tmp/work; cd /tmp/work; exec sh -c "$1"`,
      "x",
      PREPARE + script,
    ]);
    expect(ours).toEqual({ stdout: real.stdout, stderr: real.stderr, code: real.status });
  });
});

function which(program: string): string | undefined {
  const { status, stdout } = spawnSync("which", [program], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

describe("the way out of a pod", () => {
  const fixture = new ContainerFixture();
  let near: { id: string; ip: string };
  let far: { id: string; ip: string };
  beforeAll(async () => {
    near = await fixture.run("busybox", { command: ["sleep", "3600"] });
    far = await fixture.run("busybox", { command: ["sleep", "3600"] });
  });
  afterAll(() => Promise.all([near, far].map(({ id }) => fixture.runtime.stopContainer(id, 0))));
  const run = async (...command: string[]) => (await fixture.exec(near.id, command)).stdout;

  it("is a route by the node, which arp knows", async () => {
    expect(await run("route", "-n")).toBe(
      "Kernel IP routing table\n" +
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n" +
        "0.0.0.0         10.244.1.1      0.0.0.0         UG    0      0        0 eth0\n" +
        "10.244.1.0      10.244.1.1      255.255.255.0   UG    0      0        0 eth0\n" +
        "10.244.1.1      0.0.0.0         255.255.255.255 UH    0      0        0 eth0\n",
    );
    expect(await run("arp", "-n")).toMatch(/^\? \(10\.244\.1\.1\) at [0-9a-f:]{17} \[ether\] {2}on eth0\n$/);
  });

  it("is shown machine by machine, and by stars where nobody answers", async () => {
    const words = (await run("traceroute", "-q", "1", far.ip)).replace(/\d+\.\d{3} ms/g, "TIME");
    expect(words).toBe(
      `traceroute to ${far.ip} (${far.ip}), 30 hops max, 46 byte packets\n` +
        ` 1  10.244.1.1 (10.244.1.1)  TIME\n 2  ${far.ip} (${far.ip})  TIME\n`,
    );
    const nobody = await run("traceroute", "-q", "1", "-w", "0.01", "-m", "3", "10.96.0.99");
    expect(nobody).toMatch(/^traceroute .*\n 1 {2}10\.244\.1\.1 .*\n 2 {2}\*\n 3 {2}\*\n$/);
  });
});
