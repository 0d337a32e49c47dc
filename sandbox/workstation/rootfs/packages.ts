/** What a workstation's root file system is made of: Debian packages by name, and what they depend on. Nothing else. */
export const SUITE = "bookworm";

export const PACKAGES: readonly string[] = [
  // The shell and the tools that every lesson may use.
  "bash",
  "bash-completion",
  "bsdextrautils",
  "coreutils",
  "curl",
  "diffutils",
  "findutils",
  "git",
  "grep",
  "gzip",
  "hostname",
  "jq",
  "less",
  "mawk",
  "nano",
  "procps",
  "sed",
  "tar",
  "util-linux",
  "vim-tiny",
  // What these stand on.
  "base-files",
  "ca-certificates",
  "debianutils",
  "libc-bin",
  "ncurses-base",
  "ncurses-bin",
  // The first process, and the relay to the cluster's API.
  "socat",
  "tini",
];

/**
 * Packages are unpacked, their scripts are not run; so what `update-alternatives` would have made stands here.
 * Link → target.
 */
export const LINKS: Readonly<Record<string, string>> = {
  "usr/bin/awk": "mawk",
  "usr/bin/editor": "nano",
  "usr/bin/pager": "less",
  "usr/bin/vi": "vim.tiny",
  "usr/bin/vim": "vim.tiny",
  "bin/sh": "bash",
};

/** Nobody reads manuals or other languages here: 60 MB less. */
export const LEFT_OUT: readonly string[] = [
  "usr/share/bug",
  "usr/share/doc",
  "usr/share/gitweb",
  "usr/share/info",
  "usr/share/lintian",
  "usr/share/locale",
  "usr/share/man",
  "var/cache",
  "var/lib/apt",
  "var/lib/dpkg",
];
