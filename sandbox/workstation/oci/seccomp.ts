import { ALLOWED_IOCTLS, ALLOWED_SYSCALLS } from "./syscalls";

const ENOSYS = 38;
const EPERM = 1;
const LOW_32_BITS = 0xffff_ffff;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NAMESPACE_FLAGS = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64" };

export interface SeccompProfile {
  defaultAction: string;
  defaultErrnoRet: number;
  architectures: string[];
  syscalls: SeccompRule[];
}

interface SeccompRule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: SeccompArgument[];
}

interface SeccompArgument {
  index: number;
  value: number;
  valueTwo?: number;
  op: "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";
}

/**
 * The filter every process of a workstation runs under, in the words of the OCI runtime specification. Only the
 * machine's own architecture is named: calls through another one (32 bit, x32) end the process.
 */
export function seccompProfile(arch: string = process.arch): SeccompProfile {
  const architecture = ARCHITECTURES[arch];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: ENOSYS,
    architectures: architecture === undefined ? [] : [architecture],
    syscalls: [
      allow([...ALLOWED_SYSCALLS]),
      ...[AF_UNIX, AF_INET, AF_INET6].map((family) => allow(["socket"], equal(0, family))),
      allow(["socket"], equal(0, AF_NETLINK), equal(2, NETLINK_ROUTE)),
      allow(["socketpair"], equal(0, AF_UNIX)),
      allow(["clone"], { index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }),
      allow(["personality"], equal(0, 0)),
      ...ALLOWED_IOCTLS.map((request) =>
        allow(["ioctl"], { index: 1, value: LOW_32_BITS, valueTwo: request, op: "SCMP_CMP_MASKED_EQ" }),
      ),
      // Programs that try these expect "not permitted", and say something better then.
      {
        names: [
          "unshare",
          "setns",
          "mount",
          "umount2",
          "chroot",
          "pivot_root",
          "ptrace",
          "sethostname",
          "settimeofday",
        ],
        action: "SCMP_ACT_ERRNO",
        errnoRet: EPERM,
      },
    ],
  };
}

function allow(names: string[], ...args: SeccompArgument[]): SeccompRule {
  return args.length === 0 ? { names, action: "SCMP_ACT_ALLOW" } : { names, action: "SCMP_ACT_ALLOW", args };
}

function equal(index: number, value: number): SeccompArgument {
  return { index, value, op: "SCMP_CMP_EQ" };
}
