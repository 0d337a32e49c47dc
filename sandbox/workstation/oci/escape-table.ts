/** What an attacker on the machine would look for; every probe prints it, or `ESCAPED`, once it got out. */
export interface Canary {
  readonly secret: string;
  readonly file: string;
  readonly port: number;
  readonly abstractName: string;
  /** A process of the host. */
  readonly pid: number;
  /** The bundle of the learner's own workstation, on the host. */
  readonly bundle: string;
  /** A second learner's sandbox. */
  readonly other: string;
  /** Programs that belong to another user and run as that user, where they are let. */
  readonly setuid: readonly string[];
}

export interface Probe {
  /** Attempt by its number in docs/security.md. */
  readonly id: string;
  /** "cannot …" */
  readonly attempt: string;
  /** For bash. */
  readonly script: (canary: Canary) => string;
  /** In the weakened container it is tried as the learner, not as root. */
  readonly asLearner?: true;
}

const perl = (code: string): string => `perl -e '${code.replaceAll(/\s+/g, " ")}'`;
/** Calls the kernel; it is out when the kernel did as it was told. */
const call = (number: number, args: string): string =>
  perl(`$! = 0; my $r = syscall(${number}, ${args}); print $r >= 0 ? "ESCAPED" : "refused: $!";`);

/** Each is tried in a workstation, and in a container that was weakened on purpose. */
export const PROBES: readonly Probe[] = [
  probe("E1", "read a secret of the host by its path", ({ file }) => `cat ${file}`),
  probe("E1", "read it through the root of another process", ({ file }) => `cat /proc/[0-9]*/root${file}`),
  probe("E2", "read the environment of a process of the host", ({ pid }) => `tr '\\0' '\\n' </proc/${pid}/environ`),
  probe("E2", "signal a process of the host", ({ pid }) => `kill -0 ${pid} && echo ESCAPED`),
  probe(
    "E3",
    "read the environment of whoever started us",
    () => `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep CANARY`,
  ),
  probe(
    "E4",
    "learn of others from command lines and mounts",
    ({ other }) =>
      `cat /proc/[0-9]*/cmdline /proc/[0-9]*/mountinfo | grep -qa "[${other.slice(0, 1)}]${other.slice(1)}" && echo ESCAPED`,
  ),
  probe("E6", "reach a service on the host's loopback", ({ port }) => `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`),
  probe("E7", "reach an abstract socket of the host", ({ abstractName }) => connectAbstract(abstractName)),
  probe("E8", "listen to all packets", () => call(41, "17, 3, 0x0300")),
  probe("E8", "speak with the packet filter", () => call(41, "16, 3, 12")),
  probe("E9", "make mounts of their own in a new namespace", () => call(272, "0x20000")),
  probe("E9", "become root in a new user namespace", () => call(272, "0x10000000")),
  probe("E10", "mount something", () => call(165, `my $t = "tmpfs", my $m = "/run", my $f = "tmpfs", 0, 0`)),
  probe("E10", "change the root folder", () => call(161, `my $p = "/usr"`)),
  probe(
    "E11",
    "write where the kernel starts programs as root",
    // What is there already.
    () => `f=/proc/sys/kernel/core_pattern; (IFS= read -r old <$f; printf '%s\\n' "$old" >$f) && echo ESCAPED`,
  ),
  probe(
    "E12",
    "run a program as the user it belongs to",
    ({ setuid }) => `for f in ${setuid.join(" ")}; do [[ -x $f && $($f -u) != 1000 ]] && echo ESCAPED; done`,
    true,
  ),
  // PTRACE_SEIZE, which does not stop it.
  probe("E13", "trace a process of the host", ({ pid }) => call(101, `0x4206, ${pid}, 0, 0`)),
  probe(
    "E13",
    "see the files of another process",
    ({ pid }) => `for p in 1 ${pid}; do ls /proc/$p/fd/ /proc/$p/cwd/ >/dev/null && echo ESCAPED; done`,
  ),
  probe("E14", "use the kernel's keys", () => call(248, `my $t = "user", my $n = "slipway", my $v = "x", 1, -2`)),
  probe("E14", "run code from memory alone", () => call(319, `my $n = "x", 0`)),
  probe("E14", "handle page faults", () => call(323, "0")),
  probe("E14", "read the kernel's log", () => call(103, `3, my $b = " " x 4096, 4096`)),
  probe("E15", "type into a terminal for whoever sits there", typeForOthers),
  probe("E20", "take more than their share of descriptors", () =>
    perl(`my @k; while (open(my $f, "<", "/dev/null")) { push @k, $f; last if @k > 5000; }
        print "ESCAPED" if @k > 512;`),
  ),
  probe("E24", "take more than their share of terminals", () =>
    perl(`my @k; while (open(my $f, "+<", "/dev/ptmx")) { push @k, $f; last if @k > 64; }
      print "ESCAPED" if @k > 32;`),
  ),
  probe(
    "E25",
    "be spared when memory runs out",
    () => `(echo 0 >/proc/self/oom_score_adj); (( $(</proc/self/oom_score_adj) < 500 )) && echo ESCAPED`,
  ),
  probe(
    "E34",
    "change the bundle that the container is made from",
    ({ bundle }) => `for p in ${bundle} /proc/[0-9]*/root${bundle}; do [[ -w $p/config.json ]] && echo ESCAPED; done`,
  ),
];

function probe(id: string, attempt: string, script: Probe["script"], asLearner?: true): Probe {
  return { id, attempt, script, ...(asLearner && { asLearner }) };
}

/** Some programs pad the name of an abstract socket with zeros. */
function connectAbstract(name: string): string {
  return perl(`use Socket; for my $form ("Sa*", "Sa108") {
    socket(my $s, PF_UNIX, SOCK_STREAM, 0);
    print <$s> if connect($s, pack($form, AF_UNIX, "\\0${name}"));
  }`);
}

/** In a terminal of its own: what TIOCSTI puts there is read as if it had been typed. */
function typeForOthers(): string {
  return perl(`use POSIX; $| = 1; fork and do { wait; exit }; POSIX::setsid();
    open(my $m, "+<", "/dev/ptmx"); my $n = pack("i", 0); ioctl($m, 0x40045431, $n); ioctl($m, 0x80045430, $n);
    open(my $s, "+<", "/dev/pts/" . unpack("i", $n)); alarm 3;
    for my $c (split(//, "ESCAPED\\n")) { ioctl($s, 0x5412, my $b = $c) or ioctl($s, 0x100005412, $b = $c) or exit; }
    print scalar <$s>;`);
}

/** Whether what a probe printed says that it got out. */
export function hasEscaped({ text, errors }: { text: string; errors: string }, { secret }: Canary): boolean {
  return /ESCAPED/.test(text) || text.includes(secret) || errors.includes(secret);
}
