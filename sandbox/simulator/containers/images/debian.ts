import type { ImageEntry } from "../filesystem/image-tree";

/** The base of Debian images: users, folders, and the tools that a slim image has. */
export function debianEntries(options: { tools?: readonly string[] } = {}): ImageEntry[] {
  return [
    ...folders([
      "/boot",
      "/home",
      "/media",
      "/mnt",
      "/opt",
      "/srv",
      "/sys",
      "/proc",
      "/dev",
      "/run",
      "/run/lock",
      "/usr/local/bin",
      "/usr/local/sbin",
      "/usr/local/lib",
      "/usr/share",
      "/var/cache",
      "/var/lib",
      "/var/log",
      "/var/spool",
      "/etc/default",
    ]),
    { path: "/root", folder: true, mode: 0o700 },
    { path: "/tmp", folder: true, mode: 0o1777 },
    { path: "/var/tmp", folder: true, mode: 0o1777 },
    { path: "/var/run", link: "/run" },
    { path: "/bin", link: "usr/bin" },
    { path: "/sbin", link: "usr/sbin" },
    { path: "/lib", link: "usr/lib" },
    { path: "/lib64", link: "usr/lib64" },
    { path: "/usr/lib/os-release", text: OS_RELEASE },
    { path: "/usr/lib64", folder: true },
    { path: "/usr/sbin", folder: true },
    { path: "/etc/os-release", link: "../usr/lib/os-release" },
    { path: "/etc/debian_version", text: "12.12\n" },
    { path: "/etc/passwd", text: PASSWD },
    { path: "/etc/group", text: GROUP },
    {
      path: "/etc/shells",
      text: "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n",
    },
    {
      path: "/etc/nsswitch.conf",
      text: "passwd:         files\ngroup:          files\nshadow:         files\n\nhosts:          files dns\nnetworks:       files\n",
    },
    { path: "/root/.profile", text: "mesg n 2> /dev/null || true\n" },
    { path: "/usr/bin/sh", link: "dash" },
    { path: "/usr/bin/dash", program: "dash" },
    { path: "/usr/bin/bash", program: "bash" },
    ...[...DEBIAN_TOOLS, ...(options.tools ?? [])].map((name): ImageEntry => ({
      path: `/usr/bin/${name}`,
      program: `gnu/${name}`,
    })),
  ];
}

export function folders(paths: readonly string[]): ImageEntry[] {
  return paths.map((path) => ({ path, folder: true }));
}

/** What Debian's essential packages bring; no ps, ping, wget, nslookup, and no printenv, as in the recorded images. */
const DEBIAN_TOOLS = [
  ..."arch base64 basename cat chmod chown cmp comm cp cut date dd df diff dirname du echo env expr false find fold grep egrep fgrep gunzip gzip head hostname id kill link ln ls md5sum mkdir mktemp more mv nl nproc od paste printf pwd readlink realpath rev rm rmdir sed seq sha1sum sha256sum sha512sum shuf sleep sort split stat stty sync tac tail tar tee test timeout touch tr true truncate tty uname uniq unlink wc which whoami xargs yes".split(
    " ",
  ),
  "[",
];

const OS_RELEASE = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
nginx:x:101:101:nginx user:/nonexistent:/bin/false
`;

const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
www-data:x:33:
users:x:100:
nogroup:x:65534:
nginx:x:101:
`;
