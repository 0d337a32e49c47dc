/**
 * Where a learner's shell runs: bash, kubectl, helm and editors, with no way out but the API of their own cluster.
 * One workstation belongs to one sandbox and is named by its id. Adapters: `oci/` (runc), `host/` (one user, loopback).
 *
 * A workstation outlives the process that started it: a later process with the same instance id finds it with `list`
 * and goes on with `command`, `stop` and `remove`. Nothing of another instance is ever seen or touched.
 */
export interface Workstation {
  readonly driver: "oci" | "host";

  /** Makes what all workstations share (root file system, completions). May take a minute once, then milliseconds. */
  prepare(progress: (step: PrepareStep) => void, signal?: AbortSignal): Promise<void>;

  /**
   * Starts the workstation; when it resolves, `command` works. Starting one that runs already changes nothing.
   * One that was stopped starts anew, with a fresh home.
   * @throws WorkstationError `not-prepared`, `bad-spec`, `start-failed`, `host-refuses-root`, `host-refuses-guests`
   */
  start(spec: WorkstationSpec): Promise<void>;

  /**
   * Has one run again whose processes were ended from outside, with its home as it lies. False when there is none, or
   * nothing to go on with; true also when it runs already.
   */
  revive(sandboxId: string): Promise<boolean>;

  /**
   * What to run, on the host, to have a process in the workstation; the caller provides the PTY or pipes. It may be
   * run many times: each run is one more process beside the others.
   * @throws WorkstationError `not-running`
   */
  command(sandboxId: string, request?: CommandRequest): Promise<WorkstationCommand>;

  /**
   * Where on this machine its disks are. What is on them is the learner's to change at any time: nothing there may be
   * followed, and nothing opened without care.
   * @throws WorkstationError `not-running`
   */
  folders(sandboxId: string): Promise<WorkstationFolders>;

  /** `absent` when there is none of this id, or never was. */
  status(sandboxId: string): Promise<WorkstationStatus>;

  /** All of this instance, running or stopped. */
  list(): Promise<WorkstationStatus[]>;

  /** Ends every process in it. Its home is lost, `start` is possible again. No effect when it does not run. */
  stop(sandboxId: string): Promise<void>;

  /** Stops it and forgets it, with all its files. No effect when there is none. */
  remove(sandboxId: string): Promise<void>;

  /** Takes away what workstations share on this machine, besides caches, where none is left of this instance. */
  close(): Promise<void>;
}

export interface WorkstationSpec {
  /** A UUID. */
  sandboxId: string;
  /** Whether the learner is a guest, whom nobody knows. `host` refuses them, and who is not said to be none. */
  guest?: boolean;
  /** Which user ids of the instance's range it gets: no two workstations that run may have the same. */
  uidIndex: number;
  /**
   * The unix socket of the cluster's API, which need not exist yet. Its folder is for this sandbox alone and is handed
   * to the relay's user: mode 0700. The socket in it must be writable for all (0666). Ignored by `host`.
   */
  apiSocketPath: string;
  kubeconfig: string;
  /** More files for the home: relative path → text. */
  files?: Readonly<Record<string, string>>;
}

export interface CommandRequest {
  /** Absent: a login shell. */
  argv?: readonly string[];
  /** Of the login shell: which terminal it is, and where it starts if that folder is there. */
  shell?: { terminal: string; directory?: string };
  /** Whether it gets a terminal of its own; the caller's standard input must then be one. Default true. */
  tty?: boolean;
}

/**
 * Before each prompt a shell adds to the history file, and says where it is: so that neither is lost with it. The
 * folder is the workstation's own, beside the home.
 */
export function shellEnv(stateDirectory: string, { shell }: CommandRequest): Record<string, string> {
  if (!shell) return { SLIPWAY_STATE: stateDirectory };
  return {
    SLIPWAY_STATE: stateDirectory,
    SLIPWAY_TERMINAL: shell.terminal,
    PROMPT_COMMAND: 'history -a; printf %s "${PWD/#$HOME/\\~}" 2>/dev/null >"$SLIPWAY_STATE/place.$SLIPWAY_TERMINAL"',
  };
}

/** `shell` with its arguments, started in a folder, if that is there. `~` stands for the home. */
export function startIn(directory: string | undefined, ...shell: string[]): string[] {
  if (directory === undefined) return shell;
  return ["/bin/bash", "-c", 'cd -- "${1/#\\~/$HOME}" 2>/dev/null; shift; exec "$@"', "bash", directory, ...shell];
}

export interface WorkstationFolders {
  readonly home: string;
  /** Where shells write down where they are: `$SLIPWAY_STATE`. */
  readonly state: string;
}

/** For `spawn`: the environment is complete, nothing should be added. */
export interface WorkstationCommand {
  argv: [string, ...string[]];
  env: Record<string, string>;
  cwd: string;
}

export interface WorkstationStatus {
  sandboxId: string;
  phase: "absent" | "running" | "stopped";
}

/** Steps of `prepare`, in the order in which they come; those that are not needed are left out. */
export type PrepareStep = "rootfs-download" | "rootfs-finish" | "completions" | "ready";

export type WorkstationErrorCode =
  | "bad-spec"
  | "not-prepared"
  | "not-running"
  | "start-failed"
  | "stop-failed"
  | "rootfs-failed"
  | "host-refuses-root"
  | "host-refuses-guests"
  | "command-failed";

export class WorkstationError extends Error {
  override readonly name = "WorkstationError";
  readonly code: WorkstationErrorCode;

  constructor(code: WorkstationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isSandboxId(text: string): boolean {
  return UUID.test(text);
}

/** Ids become path names and container ids, so nothing else may pass. */
export function checkSandboxId(sandboxId: string): string {
  if (!isSandboxId(sandboxId)) throw new WorkstationError("bad-spec", `not a sandbox id: ${JSON.stringify(sandboxId)}`);
  return sandboxId;
}

/** A file for the home stays inside it. */
export function checkHomePath(path: string): string {
  const parts = path.split("/");
  const plain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
  if (!plain || path.length > 200)
    throw new WorkstationError("bad-spec", `not a path in the home: ${JSON.stringify(path)}`);
  return path;
}
