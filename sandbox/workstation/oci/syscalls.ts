/**
 * System calls that a workstation's programs may make: what bash, coreutils, editors, git, curl, kubectl and helm need,
 * by purpose. Whatever is not here answers "no such call" (ENOSYS), so calls of future kernels are closed too. Left out
 * on purpose: mounts, namespaces (setns, unshare, clone3), chroot, ptrace and process_vm, bpf, perf, userfaultfd, keys,
 * io_uring, memfd, SysV and POSIX IPC, fanotify, open_by_handle, vmsplice, modules, kexec, reboot, clock setting, quota.
 */
export const ALLOWED_SYSCALLS: readonly string[] = [
  // Files and folders
  ...["open", "openat", "openat2", "creat", "close", "close_range", "read", "write", "readv", "writev"],
  ...[
    "pread64",
    "pwrite64",
    "preadv",
    "pwritev",
    "preadv2",
    "pwritev2",
    "lseek",
    "_llseek",
    "sendfile",
    "splice",
    "tee",
  ],
  ...["copy_file_range", "stat", "fstat", "lstat", "newfstatat", "fstatat64", "statx", "statfs", "fstatfs", "ustat"],
  ...["access", "faccessat", "faccessat2", "getdents", "getdents64", "getcwd", "chdir", "fchdir", "mkdir", "mkdirat"],
  ...["rmdir", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "symlink", "symlinkat"],
  ...["readlink", "readlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat"],
  ...["umask", "truncate", "ftruncate", "fallocate", "fadvise64", "readahead", "utime", "utimes", "utimensat"],
  ...["futimesat", "sync", "fsync", "fdatasync", "syncfs", "sync_file_range", "flock", "mknod", "mknodat"],
  ...["getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "setxattr", "lsetxattr"],
  ...["fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "dup", "dup2", "dup3", "fcntl", "pipe", "pipe2"],
  ...["inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch"],
  // Waiting
  ...["poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old"],
  ...["epoll_wait", "epoll_wait_old", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "signalfd", "signalfd4"],
  ...["timerfd_create", "timerfd_settime", "timerfd_gettime", "io_setup", "io_destroy", "io_submit", "io_cancel"],
  ...["io_getevents", "io_pgetevents", "pause", "nanosleep", "clock_nanosleep", "restart_syscall"],
  // Memory
  ...["brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "mincore", "msync", "mlock", "mlock2", "munlock"],
  ...["mlockall", "munlockall", "membarrier", "pkey_alloc", "pkey_free", "pkey_mprotect", "get_mempolicy"],
  // Processes and threads; `clone` has a rule of its own
  ...["fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "getpid", "getppid", "gettid"],
  ...["getpgid", "getpgrp", "setpgid", "getsid", "setsid", "kill", "tkill", "tgkill", "rt_sigqueueinfo"],
  ...["rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal", "set_tid_address", "set_robust_list", "get_robust_list"],
  ...["futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "rseq", "arch_prctl", "prctl", "capget"],
  ...["capset", "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"],
  ...["get_thread_area", "set_thread_area", "getcpu", "sched_yield", "sched_getaffinity", "sched_setaffinity"],
  ...["sched_getparam", "sched_setparam", "sched_getscheduler", "sched_setscheduler", "sched_getattr"],
  ...["sched_setattr", "sched_get_priority_max", "sched_get_priority_min", "sched_rr_get_interval"],
  ...["getpriority", "setpriority", "ioprio_get", "ioprio_set", "getrlimit", "setrlimit", "prlimit64", "getrusage"],
  // Signals
  ...["rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigpending", "rt_sigtimedwait"],
  ...["sigaltstack", "alarm", "getitimer", "setitimer"],
  ...["timer_create", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete"],
  // Who and when
  ...["getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "setuid", "setgid"],
  ...["setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "uname", "sysinfo"],
  ...["times", "time", "gettimeofday", "clock_gettime", "clock_getres", "getrandom"],
  // Sockets; `socket` and `socketpair` have rules of their own
  ...["bind", "listen", "accept", "accept4", "connect", "getsockname", "getpeername", "getsockopt", "setsockopt"],
  ...["sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "shutdown"],
];

/**
 * Requests that `ioctl` may carry, compared on their low 32 bits. Not among them: TIOCSTI and TIOCLINUX (type for
 * others), TIOCSETD, TIOCCONS.
 */
export const ALLOWED_IOCTLS: readonly number[] = [
  // Terminal attributes: TCGETS … TCFLSH, the termios2 forms
  ...[0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5406, 0x5407, 0x5408, 0x5409, 0x540a, 0x540b, 0x5425],
  ...[0x802c542a, 0x402c542b, 0x402c542c, 0x402c542d],
  // Controlling terminal, process groups, output queue, window size
  ...[0x540c, 0x540d, 0x540e, 0x540f, 0x5410, 0x5411, 0x5413, 0x5414, 0x5422, 0x5424, 0x5429],
  // Terminals made inside: TIOCGPTN, TIOCSPTLCK, TIOCGPTLCK, TIOCGPTPEER, TIOCPKT
  ...[0x80045430, 0x40045431, 0x80045439, 0x5441, 0x5420],
  // FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, FIOASYNC, FIOQSIZE
  ...[0x541b, 0x5421, 0x5451, 0x5450, 0x5452, 0x5460],
  // Copies without copying, file attributes, extents
  ...[0x40049409, 0x4020940d, 0xc0189436, 0x80086601, 0xc020660b],
  // Network interfaces, read only: SIOCGIFNAME, CONF, FLAGS, ADDR, NETMASK, MTU, HWADDR, INDEX
  ...[0x8910, 0x8912, 0x8913, 0x8915, 0x891b, 0x8921, 0x8927, 0x8933],
];
