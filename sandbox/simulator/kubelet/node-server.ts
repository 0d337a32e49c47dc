import type { ContainerStatus } from "../api/generated/kubernetes";
import type { ContainerTarget, ExecOptions, ExecSession, LogOptions, NodeApi, PodTarget } from "../api/node-api";
import { badRequest, StatusError } from "../api/status";
import type { Clock } from "../clock";
import { Pipe, type PipeReader, type PipeWriter } from "../pipe";
import { writeLogs } from "./container-logs";
import { StartContainerError, type ContainerRuntime } from "./container-runtime";
import type { PodWorker } from "./pod-worker";

/** What the API server may ask of a node, as the kubelet's port 10250 answers it. */
export class NodeServer implements NodeApi {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;
  readonly #workerOf: (pod: PodTarget) => PodWorker | undefined;

  constructor(runtime: ContainerRuntime, clock: Clock, workerOf: (pod: PodTarget) => PodWorker | undefined) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#workerOf = workerOf;
  }

  async exec(target: ContainerTarget, options: ExecOptions): Promise<ExecSession> {
    const id = this.#runningContainer(target);
    try {
      return await this.#runtime.exec(id, options);
    } catch (error) {
      if (!(error instanceof StartContainerError)) throw error;
      // The stream is up already when the process fails to start: the client hears of it as the session's end.
      const message = `Internal error occurred: error executing command in container: ${error.message}`;
      return failedSession(error.exitCode, message);
    }
  }

  async attach(target: ContainerTarget, options: Omit<ExecOptions, "command">): Promise<ExecSession> {
    return this.#runtime.attach(this.#runningContainer(target), options);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must reject
  async logs(target: ContainerTarget, options: LogOptions): Promise<PipeReader> {
    const id = logSource(target, this.#worker(target).containerStatus(target.container), options.previous ?? false);
    const pipe = new Pipe();
    void writeLogs(this.#runtime.logs(id, options.follow ?? false), options, pipe);
    return pipe;
  }

  async portForward(pod: PodTarget, port: number): Promise<{ reader: PipeReader; writer: PipeWriter }> {
    const { sandboxId, isOnHostNetwork } = this.#worker(pod);
    if (sandboxId === undefined) throw notFoundText("sandbox not found");
    try {
      return await this.#runtime.connect(sandboxId, port);
    } catch (error) {
      throw new Error(forwardFailure(sandboxId, isOnHostNetwork, port), { cause: error });
    }
  }

  #worker(pod: PodTarget): PodWorker {
    const worker = this.#workerOf(pod);
    if (!worker) throw notFoundText("pod does not exist");
    return worker;
  }

  #runningContainer(target: ContainerTarget): string {
    const record = this.#worker(target).record(target.container);
    const current = record?.current && this.#runtime.containerStatus(record.current.id);
    if (current?.state !== "running") throw notFoundText(`container not found ("${target.container}")`);
    return current.id;
  }
}

/** Which container's log answers for a name; throws what the kubelet says when there is none. */
function logSource(
  { container, name }: ContainerTarget,
  status: ContainerStatus | undefined,
  previous: boolean,
): string {
  if (!status) throw badRequest(`container "${container}" in pod "${name}" is not available`);
  const { state, lastState } = status;
  const before = lastState?.terminated?.containerID;
  if (previous) {
    if (before) return idOf(before);
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const current = state?.running ? status.containerID : state?.terminated?.containerID;
  const found = current ?? before;
  if (found) return idOf(found);
  throw badRequest(
    `container "${container}" in pod "${name}" is waiting to start: ${waitingText(state?.waiting?.reason)}`,
  );
}

function idOf(containerID: string): string {
  return containerID.replace(/^containerd:\/\//, "");
}

function waitingText(reason = "ContainerCreating"): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason;
}

function notFoundText(message: string): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message });
}

/** As containerd tells it: its pods are sandboxes, and it tries `localhost` by both families. */
function forwardFailure(sandboxId: string, isOnHostNetwork: boolean, port: number): string {
  const name = sandboxId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  const namespace = isOnHostNetwork ? "host" : `/var/run/netns/cni-${name}`;
  return (
    `error forwarding port ${port} to pod ${sandboxId}, uid : failed to execute portforward in network namespace ` +
    `"${namespace}": failed to connect to localhost:${port} inside namespace "${sandboxId}", ` +
    `IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused`
  );
}

function failedSession(code: number, error: string): ExecSession {
  const [stdin, stdout, stderr] = [new Pipe(), new Pipe(), new Pipe()];
  stdin.cancel();
  stdout.end();
  stderr.end();
  return {
    stdin,
    stdout,
    stderr,
    resize: () => undefined,
    exit: Promise.resolve({ code, error }),
    close: () => undefined,
  };
}
