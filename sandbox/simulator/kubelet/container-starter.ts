import type { Container, EphemeralContainer, Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { milliValue, wholeValue } from "../api/quantity";
import type { EventSubject } from "../client/event-reference";
import { containerEnvironment, ContainerConfigError, expand } from "./container-environment";
import { ContainerProbes } from "./container-probes";
import { exitOf, type ContainerKind, type ContainerRecord } from "./container-record";
import {
  CreateContainerError,
  StartContainerError,
  type ContainerConfig,
  type ContainerLimits,
  type ImageStatus,
  type Mount,
  type PodSandboxStatus,
  type Volume,
} from "./container-runtime";
import type { DownwardFacts } from "./downward";
import type { KubeletContext } from "./kubelet-context";
import { runHook } from "./lifecycle-hook";
import { limitsStorage } from "./local-storage";
import type { PodVolume } from "./node-files";
import { pullCredentials } from "./pull-secrets";
import { rootProblem } from "./run-as-user";

export interface StartRequest {
  readonly pod: Stored<Pod>;
  readonly container: Container | EphemeralContainer;
  readonly record: ContainerRecord;
  readonly kind: ContainerKind;
  readonly sandbox: PodSandboxStatus;
  readonly facts: DownwardFacts;
  readonly signal: AbortSignal;
}

const LOG_FILE = "termination-log";
const MAX_TERMINATION_BYTES = 4096;
// https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/#customizing-the-termination-message
const MAX_LAST_LINES = 80;
const MAX_LAST_CHARACTERS = 2048;

/** Makes, starts, probes and kills the containers of one pod; what came of it is in each container's record. */
export class ContainerStarter {
  readonly #context: KubeletContext;
  readonly #volumes: ReadonlyMap<string, PodVolume>;
  readonly #storageGrown: () => void;
  readonly #changed: () => void;
  readonly #probes = new Map<string, ContainerProbes>();
  readonly #terminationLogs = new Map<string, Volume>();

  constructor(options: {
    context: KubeletContext;
    volumes: ReadonlyMap<string, PodVolume>;
    changed: () => void;
    storageGrown: () => void;
  }) {
    this.#storageGrown = options.storageGrown;
    this.#context = options.context;
    this.#volumes = options.volumes;
    this.#changed = options.changed;
  }

  /** `retryMs` asks to try again then; failures are in `record.waiting`. */
  async start(request: StartRequest): Promise<{ retryMs?: number }> {
    const { pod, container, record, kind, sandbox, signal } = request;
    const { puller, recorder, pace, random, latency } = this.#context;
    const subject = this.subject(pod, container, kind);
    const { credentials, missing } = pullCredentials(pod, this.#context.sources.secrets);
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
      recorder.event(pod, "Warning", "FailedToRetrieveImagePullSecret", message);
    }
    const pulled = await puller.ensure(container, subject, pod.metadata.uid, signal, credentials);
    if (!pulled.ok) {
      record.waiting = pulled.waiting;
      return { retryMs: pulled.retryMs };
    }
    try {
      const problem = rootProblem(pod, container, pulled.image);
      if (problem !== undefined) throw new ContainerConfigError(problem);
      const config = this.#config(request);
      await pace.work(latency.containerMs * (0.9 + 0.2 * random.next()));
      if (signal.aborted) return {};
      await this.#createAndStart(request, sandbox, config, pulled.image, subject);
    } catch (error) {
      const failure = asFailure(error);
      if (!failure) throw error;
      record.waiting = failure;
      recorder.event(subject, "Warning", "Failed", `Error: ${failure.message}`);
      return {};
    }
    return this.#afterStart(request, subject);
  }

  /** Stops the probes of a container that ended and returns what it left as its last words. */
  ended(container: Container | EphemeralContainer, record: ContainerRecord): string | undefined {
    this.#probes.get(container.name)?.stop();
    this.#probes.delete(container.name);
    const left = this.#terminationLogs.get(container.name)?.files.get(LOG_FILE)?.content;
    const text = left && left.length > 0 ? new TextDecoder().decode(left.subarray(-MAX_TERMINATION_BYTES)) : undefined;
    return text ?? exitOf(record)?.message;
  }

  /** The end of what a container wrote, in place of the last words it did not leave. */
  async lastLines(containerId: string): Promise<string> {
    const lines: string[] = [];
    for await (const { text } of this.#context.runtime.logs(containerId, false)) {
      lines.push(new TextDecoder().decode(text));
      if (lines.length > MAX_LAST_LINES) lines.shift();
    }
    return lines
      .map((line) => `${line}\n`)
      .join("")
      .slice(-MAX_LAST_CHARACTERS);
  }

  /** Stops a running container that is to be replaced; resolves when it has ended. */
  async kill(
    pod: Stored<Pod>,
    container: Container | EphemeralContainer,
    record: ContainerRecord,
    message: string,
    graceMs: number,
  ): Promise<void> {
    this.#probes.get(container.name)?.stop();
    this.#context.recorder.event(this.subject(pod, container, "app"), "Normal", "Killing", message);
    if (record.current) await this.#context.runtime.stopContainer(record.current.id, graceMs);
  }

  /** Ends all probes. */
  stop(): void {
    for (const probes of this.#probes.values()) probes.stop();
    this.#probes.clear();
  }

  subject(pod: Stored<Pod>, container: Container | EphemeralContainer, kind: ContainerKind): EventSubject {
    const list = kind === "ephemeral" ? "ephemeralContainers" : kind === "app" ? "containers" : "initContainers";
    return { ...pod, fieldPath: `spec.${list}{${container.name}}` };
  }

  async #createAndStart(
    { container, record }: StartRequest,
    sandbox: PodSandboxStatus,
    config: ContainerConfig,
    image: ImageStatus,
    subject: EventSubject,
  ): Promise<void> {
    const { runtime, recorder } = this.#context;
    const before = exitOf(record);
    const restarted = before !== undefined || record.previous !== undefined;
    const id = await runtime.createContainer(sandbox.id, config);
    if (before) record.previous = before;
    record.current = runtime.containerStatus(id);
    record.image = image.reference;
    record.imageInSpec = container.image;
    record.limits = limitsOf(container);
    record.terminationMessage = undefined;
    record.waiting = undefined;
    if (restarted) record.restartCount++;
    recorder.event(subject, "Normal", "Created", "Container created");
    try {
      await runtime.startContainer(id);
    } finally {
      record.current = runtime.containerStatus(id) ?? record.current;
    }
    recorder.event(subject, "Normal", "Started", "Container started");
  }

  async #afterStart(request: StartRequest, subject: EventSubject): Promise<{ retryMs?: number }> {
    const { pod, container, record, kind, sandbox } = request;
    const { runtime, nodeHost, clock, recorder } = this.#context;
    const target = {
      container,
      containerId: record.current?.id ?? "",
      podIP: sandbox.ip,
      runtime,
      nodeHost,
      clock,
    };
    const postStart = container.lifecycle?.postStart;
    if (postStart) {
      const result = await runHook(postStart, target);
      if (!result.ok) {
        recorder.event(subject, "Warning", "FailedPostStartHook", `PostStartHook failed`);
        await this.kill(pod, container, record, "FailedPostStartHook", graceOf(pod));
        return {};
      }
    }
    if (kind === "init" || kind === "ephemeral") {
      record.started = true;
      return {};
    }
    this.#probes.get(container.name)?.stop();
    const probes = new ContainerProbes({
      target,
      record,
      subject,
      recorder,
      changed: this.#changed,
      isPaused: this.#context.isPaused,
      failed: (probe) => {
        const message = `Container ${container.name} failed ${probe.toLowerCase()} probe, will be restarted`;
        const grace = this.#probeGraceMs(pod, container, probe);
        this.kill(pod, container, record, message, grace).then(this.#changed, this.#changed);
      },
    });
    this.#probes.set(container.name, probes);
    return {};
  }

  #probeGraceMs(pod: Pod, container: Container | EphemeralContainer, probe: string): number {
    const spec = probe === "Startup" ? container.startupProbe : container.livenessProbe;
    return spec?.terminationGracePeriodSeconds === undefined ? graceOf(pod) : spec.terminationGracePeriodSeconds * 1000;
  }

  /** Throws `ContainerConfigError` when a reference of the environment leads nowhere. */
  #config({ pod, container, record, facts }: StartRequest): ContainerConfig {
    const env = containerEnvironment(container, facts, this.#context.sources);
    const values = new Map(env.map(({ name, value }) => [name, value]));
    const expanded = (texts: readonly string[] | undefined): string[] =>
      (texts ?? []).map((text) => expand(text, (name) => values.get(name)));
    const security = container.securityContext;
    const podSecurity = pod.spec?.securityContext;
    return {
      name: container.name,
      attempt: record.restartCount,
      image: container.image ?? "",
      command: expanded(container.command),
      args: expanded(container.args),
      ...(container.workingDir && { workingDir: container.workingDir }),
      env,
      mounts: [...this.#mounts(container, values), this.#terminationMount(container)],
      stdin: container.stdin ?? false,
      stdinOnce: container.stdinOnce ?? false,
      tty: container.tty ?? false,
      user: security?.runAsUser ?? podSecurity?.runAsUser,
      group: security?.runAsGroup ?? podSecurity?.runAsGroup,
      groups: [
        ...(podSecurity?.fsGroup === undefined ? [] : [podSecurity.fsGroup]),
        ...(podSecurity?.supplementalGroups ?? []),
      ],
      readOnlyRootFilesystem: security?.readOnlyRootFilesystem ?? false,
      ...(limitsStorage(pod) && { storageGrown: this.#storageGrown }),
      ...limitsOf(container),
      labels: pod.metadata.labels ?? {},
    };
  }

  #mounts(container: Container | EphemeralContainer, values: ReadonlyMap<string, string>): Mount[] {
    return (container.volumeMounts ?? []).flatMap(({ name, mountPath, readOnly, subPath, subPathExpr }) => {
      const found = this.#volumes.get(name);
      if (!found) return [];
      const { volume } = found;
      const inside = subPathExpr === undefined ? subPath : expand(subPathExpr, (wanted) => values.get(wanted));
      const path = [found.subPath, inside].filter(Boolean).join("/");
      return [{ containerPath: mountPath, readOnly: readOnly ?? false, volume, ...(path && { subPath: path }) }];
    });
  }

  #terminationMount(container: Container | EphemeralContainer): Mount {
    const volume: Volume = { files: new Map([[LOG_FILE, { content: new Uint8Array(), mode: 0o666 }]]) };
    this.#terminationLogs.set(container.name, volume);
    const containerPath = container.terminationMessagePath ?? "/dev/termination-log";
    return { containerPath, readOnly: false, volume, subPath: LOG_FILE };
  }
}

/** A container's limits as a runtime takes them. */
export function limitsOf({ resources }: Container | EphemeralContainer): ContainerLimits {
  const { memory, cpu } = resources?.limits ?? {};
  return {
    ...(memory !== undefined && { memoryLimitBytes: wholeValue(memory) }),
    ...(cpu !== undefined && { cpuLimitCores: milliValue(cpu) / 1000 }),
  };
}

/** What a container waits with after a failure to make or start it; `undefined` for anything unexpected. */
function asFailure(error: unknown): { reason: string; message: string } | undefined {
  if (error instanceof ContainerConfigError) return { reason: "CreateContainerConfigError", message: error.message };
  if (error instanceof CreateContainerError) return { reason: error.reason, message: error.message };
  if (error instanceof StartContainerError) return { reason: "RunContainerError", message: error.message };
  return undefined;
}

function graceOf({ spec }: Pod): number {
  return (spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}
