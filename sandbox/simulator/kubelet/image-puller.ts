import type { Container, EphemeralContainer } from "../api/generated/kubernetes";
import type { EventSubject } from "../client/event-reference";
import type { EventRecorder } from "../client/event-recorder";
import type { Clock } from "../clock";
import { BackOff, goDuration } from "./back-off";
import { ImagePullError, type ContainerRuntime, type ImageStatus, type RegistryCredentials } from "./container-runtime";

export type PullOutcome =
  | { ok: true; image: ImageStatus }
  /** `retryMs`: when to look again; `undefined` when only a change of the pod helps. */
  | { ok: false; waiting: { reason: string; message: string }; retryMs: number | undefined };

const INITIAL_BACK_OFF_MS = 10_000;
const MAX_BACK_OFF_MS = 300_000;
// After a failed pull the kubelet looks at the pod again soon, finds it in back-off and says so.
const LOOK_AGAIN_MS = 1000;

/** Gets a container's image onto the node by its pull policy, telling each step as an event on the container. */
export class ImagePuller {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;
  readonly #recorder: EventRecorder;
  readonly #backOff = new BackOff(INITIAL_BACK_OFF_MS, MAX_BACK_OFF_MS);
  readonly #failures = new Map<string, { at: number; message: string; toldAt: number | undefined }>();

  constructor(options: { runtime: ContainerRuntime; clock: Clock; recorder: EventRecorder }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
    this.#recorder = options.recorder;
  }

  async ensure(
    container: Container | EphemeralContainer,
    subject: EventSubject,
    podUid: string,
    signal: AbortSignal,
    credentials: readonly RegistryCredentials[] = [],
  ): Promise<PullOutcome> {
    const image = container.image ?? "";
    const policy = container.imagePullPolicy ?? "IfNotPresent";
    const invalid = invalidReference(image);
    if (invalid) return this.#refuse(subject, "InspectFailed", "InvalidImageName", invalid);
    const present = this.#runtime.imageStatus(image);
    if (present && policy !== "Always") {
      const text = `Container image "${image}" already present on machine and can be accessed by the pod`;
      this.#recorder.event(subject, "Normal", "Pulled", text);
      return { ok: true, image: present };
    }
    if (policy === "Never") {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      return this.#refuse(subject, "ErrImageNeverPull", "ErrImageNeverPull", message);
    }
    const key = `${podUid}_${image}`;
    return this.#inBackOff(key, image, subject) ?? this.#pull(key, image, subject, signal, credentials);
  }

  /** A pod is gone: forget its failures. */
  forget(podUid: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(`${podUid}_`)) this.#failures.delete(key);
  }

  #inBackOff(key: string, image: string, subject: EventSubject): PullOutcome | undefined {
    const failure = this.#failures.get(key);
    if (!failure) return undefined;
    const remaining = this.#backOff.remainingMs(key, failure.at, this.#clock.now());
    if (remaining <= 0) return undefined;
    const message = `Back-off pulling image "${image}"`;
    if (failure.toldAt !== failure.at) {
      failure.toldAt = failure.at;
      this.#recorder.event(subject, "Normal", "BackOff", message);
      this.#recorder.event(subject, "Warning", "Failed", "Error: ImagePullBackOff");
    }
    const waiting = { reason: "ImagePullBackOff", message: `${message}: ErrImagePull: ${failure.message}` };
    return { ok: false, waiting, retryMs: remaining };
  }

  async #pull(
    key: string,
    image: string,
    subject: EventSubject,
    signal: AbortSignal,
    credentials: readonly RegistryCredentials[],
  ): Promise<PullOutcome> {
    this.#recorder.event(subject, "Normal", "Pulling", `Pulling image "${image}"`);
    const startedAt = this.#clock.now();
    try {
      const pulled = await this.#runtime.pullImage(image, signal, credentials);
      const took = goDuration(this.#clock.now() - startedAt);
      const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pulled.sizeBytes} bytes.`;
      this.#recorder.event(subject, "Normal", "Pulled", text);
      this.#failures.delete(key);
      return { ok: true, image: pulled };
    } catch (error) {
      if (!(error instanceof ImagePullError)) throw error;
      const now = this.#clock.now();
      this.#backOff.next(key, now, now);
      this.#failures.set(key, { at: now, message: error.message, toldAt: undefined });
      this.#recorder.event(subject, "Warning", "Failed", `Failed to pull image "${image}": ${error.message}`);
      this.#recorder.event(subject, "Warning", "Failed", "Error: ErrImagePull");
      return { ok: false, waiting: { reason: "ErrImagePull", message: error.message }, retryMs: LOOK_AGAIN_MS };
    }
  }

  #refuse(subject: EventSubject, eventReason: string, reason: string, message: string): PullOutcome {
    this.#recorder.event(subject, "Warning", eventReason, message);
    this.#recorder.event(subject, "Warning", "Failed", `Error: ${reason}`);
    return { ok: false, waiting: { reason, message }, retryMs: undefined };
  }
}

/** The kubelet's complaint about a name that cannot be an image, else `undefined`. */
function invalidReference(image: string): string | undefined {
  const name = image.replace(/@sha256:[0-9a-f]{64}$/, "").replace(/:[\w][\w.-]{0,127}$/, "");
  if (
    /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(
      name,
    )
  ) {
    return undefined;
  }
  const upper = /[A-Z]/.test(name) ? `: repository name (library/${name}) must be lowercase` : "";
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format${upper}`;
}
