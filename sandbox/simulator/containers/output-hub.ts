import type { PipeWriter } from "../pipe";
import type { ContainerLog } from "./container-log";

/** Who watches a container's output live. */
export interface Viewer {
  readonly stdout?: PipeWriter;
  readonly stderr?: PipeWriter;
}

/** A container's output goes to its log and to everyone attached; a slow viewer slows the container, a gone one is dropped. */
export class OutputHub {
  readonly #log: ContainerLog;
  readonly #viewers = new Set<Viewer>();

  constructor(log: ContainerLog) {
    this.#log = log;
  }

  async write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void> {
    this.#log.append(stream, bytes);
    if (this.#viewers.size === 0) return;
    await Promise.all(
      [...this.#viewers].map(async (viewer) => {
        try {
          await viewer[stream]?.write(bytes);
        } catch {
          // It went away while we wrote; the container does not care.
          this.#viewers.delete(viewer);
        }
      }),
    );
  }

  /** Returns the unsubscribe. */
  add(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    return () => void this.#viewers.delete(viewer);
  }

  /** The container has ended. */
  end(): void {
    for (const viewer of this.#viewers) {
      viewer.stdout?.end();
      viewer.stderr?.end();
    }
    this.#viewers.clear();
    this.#log.end();
  }
}
