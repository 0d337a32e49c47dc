import type { ImageEntry } from "../filesystem/image-tree";
import { folders } from "./debian";

/** The busybox image: one program under many names, and next to nothing else. */
export function busyboxEntries(): ImageEntry[] {
  return [
    ...folders([
      "/dev",
      "/proc",
      "/sys",
      "/etc",
      "/lib",
      "/home",
      "/usr/bin",
      "/usr/sbin",
      "/var/spool/mail",
      "/var/www",
    ]),
    { path: "/lib64", link: "lib" },
    { path: "/root", folder: true, mode: 0o700 },
    { path: "/tmp", folder: true, mode: 0o1777 },
    { path: "/etc/passwd", text: PASSWD },
    { path: "/etc/group", text: GROUP },
    { path: "/etc/nsswitch.conf", text: "hosts: files dns\n" },
    { path: "/etc/network/if-up.d", folder: true },
    // The recorded busybox is Debian's, which is built without printenv.
    ...BUSYBOX_APPLETS.filter((name) => name !== "printenv").map((name): ImageEntry => ({
      path: `/bin/${name}`,
      program: "busybox",
    })),
    { path: "/usr/bin/env", link: "../../bin/env" },
  ];
}

/** Alpine's base: musl, busybox behind links, and apk's files. */
export function alpineEntries(): ImageEntry[] {
  const inBin = new Set(
    "arch ash base64 bbconfig cat chgrp chmod chown cp date dd df dmesg dnsdomainname dumpkmap echo ed egrep false fatattr fdflush fgrep fsync getopt grep gunzip gzip hostname ionice iostat ipcalc kbd_mode kill link linux32 linux64 ln login ls lsattr lzop makemime mkdir mknod mktemp more mount mountpoint mpstat mv netstat nice pidof ping ping6 pipe_progress printenv ps pwd reformime rev rm rmdir run-parts sed setpriv setserial sh sleep stat stty su sync tar touch true umount uname usleep watch zcat".split(
      " ",
    ),
  );
  return [
    ...folders([
      "/dev",
      "/proc",
      "/sys",
      "/etc",
      "/home",
      "/lib",
      "/media",
      "/mnt",
      "/opt",
      "/run",
      "/sbin",
      "/srv",
      "/usr/sbin",
      "/usr/local/bin",
      "/usr/share",
      "/var/cache",
      "/var/log",
      "/var/lib",
    ]),
    { path: "/root", folder: true, mode: 0o700 },
    { path: "/tmp", folder: true, mode: 0o1777 },
    { path: "/var/run", link: "/run" },
    { path: "/etc/passwd", text: `${PASSWD}nginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin\n` },
    { path: "/etc/group", text: `${GROUP}nginx:x:101:nginx\n` },
    {
      path: "/etc/os-release",
      text: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME="Alpine Linux v3.22"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n',
    },
    { path: "/etc/alpine-release", text: "3.22.2\n" },
    { path: "/bin/busybox", program: "busybox" },
    ...BUSYBOX_APPLETS.filter((name) => name !== "busybox").map((name): ImageEntry => ({
      path: inBin.has(name) ? `/bin/${name}` : `/usr/bin/${name}`,
      link: "/bin/busybox",
    })),
  ];
}

/** The names under which the simulated busybox does something. */
export const BUSYBOX_APPLETS: readonly string[] = [
  "[",
  ..."arch arp ash awk base64 basename busybox cat chgrp chmod chown clear cmp comm cp cut date dd df diff dirname du echo egrep env expr false fgrep find fold free grep gunzip gzip head hexdump hostname id ifconfig ip kill killall less link ln ls md5sum mkdir mktemp more mount mv nc netstat nl nohup nproc nslookup od paste pgrep pidof ping pkill printenv printf ps pwd readlink realpath rev rm rmdir route sed seq sh sha1sum sha256sum sha512sum shuf sleep sort split stat strings stty sync tac tail tar tee telnet test timeout top touch tr traceroute true truncate tty uname uniq unlink uptime usleep vi watch wc wget which whoami xargs xxd yes".split(
    " ",
  ),
];

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`;

const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
wheel:x:10:root
www-data:x:33:
users:x:100:
nobody:x:65534:
`;
