import type { Pipe, PipeReader, PipeWriter } from "../pipe";

/** What a kubelet's own server (port 10250) offers to the API server. The API server finds it by the pod's nodeName. */
export interface NodeApi {
  /** Rejects with `StatusError` when the container is not there or not running. */
  exec(target: ContainerTarget, options: ExecOptions): Promise<ExecSession>;
  attach(target: ContainerTarget, options: Omit<ExecOptions, "command">): Promise<ExecSession>;
  /** Log bytes as stored; the reader ends at the end of the log, or with the container when `follow`. */
  logs(target: ContainerTarget, options: LogOptions): Promise<PipeReader>;
  /** A TCP connection to a port of the pod. */
  portForward(pod: PodTarget, port: number): Promise<{ reader: PipeReader; writer: PipeWriter }>;
}

/** Nodes by name; `undefined` when there is no such node or it does not answer. */
export type NodeApis = (nodeName: string) => NodeApi | undefined;

export interface PodTarget {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface ContainerTarget extends PodTarget {
  readonly container: string;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (read log) */
export interface LogOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Epoch milliseconds; earlier lines are left out. */
  readonly since?: number;
  readonly timestamps?: boolean;
}

/** A running exec or attach. With `tty` everything comes on `stdout`; without, `stderr` is its own stream. */
export interface ExecSession {
  readonly stdin: PipeWriter;
  readonly stdout: PipeReader;
  readonly stderr: PipeReader;
  resize(size: TerminalSize): void;
  /** Resolves when the process ended, after the last byte was written to the pipes. */
  readonly exit: Promise<ExitStatus>;
  /** The client is gone: exec'd processes get SIGHUP, an attached container goes on. */
  close(): void;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** `code` 0–255; `error` when the process could not be started or waited for. */
export interface ExitStatus {
  readonly code: number;
  readonly error?: string;
}

export type { Pipe };
