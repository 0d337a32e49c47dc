/** Error numbers as Linux names them, with glibc's words for each; who has no memory left says so as busybox does. */
const MESSAGES = {
  EACCES: "Permission denied",
  EBADF: "Bad file descriptor",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EINVAL: "Invalid argument",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENOENT: "No such file or directory",
  ENOMEM: "out of memory",
  ENOEXEC: "Exec format error",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  ETXTBSY: "Text file busy",
  EAGAIN: "Resource temporarily unavailable",
  ESRCH: "No such process",
} as const;

export type FileErrorCode = keyof typeof MESSAGES;

/** A system call that failed: `message` is what `strerror` says, without the path. */
export class FileError extends Error {
  override readonly name = "FileError";
  constructor(
    readonly code: FileErrorCode,
    readonly path = "",
  ) {
    super(MESSAGES[code]);
  }
}
