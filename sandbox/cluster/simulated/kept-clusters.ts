import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { SandboxError } from "../../protocol/codes";
import { clusterCreateSchema, type ClusterCreate } from "../../protocol/cluster-host-api";
import type { Cluster } from "../../simulator/cluster";
import type { KeyPair } from "../../simulator/serve/certificate-authority";
import { StateFile, type Keeping } from "../../simulator/serve/state-file";
import { writeWhole } from "../../simulator/serve/whole-file";
import type { RestoredCluster } from "./cluster-save";

/**
 * The version of all that is in a cluster's folder. Another one for whatever an older release could not read, a field more in
 * `spec` among it.
 */
const KEPT_FORMAT = 1;

const formatSchema = z.looseObject({ format: z.number().int().default(1) });
const keptSchema = z.object({ spec: clusterCreateSchema, port: z.number().int().optional(), kubeconfig: z.string() });
type Kept = Readonly<z.infer<typeof keptSchema>>;
type About = Omit<Kept, "spec"> & { readonly spec: ClusterCreate };

const ROOM_AFTER_MS = 500;

/**
 * The clusters of a cluster-host on this machine's disk, each in a folder of its own: what was acknowledged is written
 * there first, so that the next process has it when this one is killed. What outlives the machine is the journal's.
 */
export class KeptClusters {
  readonly #folder: string;
  #ending = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The process ends, and not its clusters: what they leave is for the next one. */
  leaveAll(): void {
    this.#ending = true;
  }

  /**
   * What a process that was killed has left, where it can go on; the rest is removed. What a later release wrote stays
   * for it, and `onNewer` is told.
   */
  left(onNewer: (error: Error) => void): ClusterCreate[] {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return readdirSync(this.#folder).flatMap((sandboxId) => {
      const format = this.of(sandboxId).format();
      if (format > KEPT_FORMAT) {
        const text = `${sandboxId} was kept in format ${format}, this release reads up to ${KEPT_FORMAT}: left for the one that wrote it`;
        onNewer(new SandboxError("restore-failed", text));
        return [];
      }
      const kept = this.of(sandboxId).about();
      if (!kept) this.of(sandboxId).forget();
      return kept ? [kept.spec] : [];
    });
  }

  of(sandboxId: string): KeptCluster {
    return new KeptCluster(join(this.#folder, sandboxId), () => this.#ending);
  }
}

export class KeptCluster {
  readonly #folder: string;
  readonly #file: StateFile;
  readonly #isLeft: () => boolean;

  constructor(folder: string, isLeft: () => boolean) {
    this.#folder = folder;
    this.#isLeft = isLeft;
    this.#file = new StateFile(join(folder, "state"));
  }

  /** What it was made as, and how it was reached. Undefined when it had not come that far. */
  about(): Kept | undefined {
    return this.#read(keptSchema);
  }

  format(): number {
    return this.#read(formatSchema)?.format ?? KEPT_FORMAT;
  }

  /** Rejects for what cannot be used. */
  async read(): Promise<RestoredCluster | undefined> {
    if (!this.about()) return undefined;
    const kept = await this.#file.read();
    return kept && { ca: kept.authority, snapshot: kept.snapshot };
  }

  /** One that was brought back: `keep`, as soon as there is room for it. Rejects only when it is called off. */
  async keepOn(cluster: Cluster, ca: KeyPair, about: About, signal: AbortSignal): Promise<Keeping> {
    for (;;) {
      try {
        return await this.keep(cluster, ca, about);
      } catch {
        // Its disk is full, as a rule; whoever writes to it waits.
        await sleep(ROOM_AFTER_MS, undefined, { signal });
      }
    }
  }

  /** Every write from now on is on disk before it is answered. */
  async keep(cluster: Cluster, ca: KeyPair, { spec, ...access }: About): Promise<Keeping> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const keeping = await this.#file.keep(cluster, ca);
    // Last: where it is, the rest is.
    writeWhole(
      join(this.#folder, "spec.json"),
      JSON.stringify({ format: KEPT_FORMAT, spec: { ...spec, restore: [], startObjects: [] }, ...access }),
    );
    return keeping;
  }

  forget(): void {
    if (!this.#isLeft()) rmSync(this.#folder, { recursive: true, force: true });
  }

  #read<T>(schema: z.ZodType<T>): T | undefined {
    try {
      return schema.parse(JSON.parse(readFileSync(join(this.#folder, "spec.json"), "utf8")));
    } catch {
      return undefined; // it is not whole; its sandbox is told that the cluster is lost
    }
  }
}
